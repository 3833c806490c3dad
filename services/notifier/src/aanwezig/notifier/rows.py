"""The rows of a document of notices: plain values, one row for each notice and way. No clock, no store.

A row: `id`, `recipient`, `role`, `organisation`, `channel`, `via`, `lane`, `word`, `urgency`, `data` (a `NoticeSaid`), `time` of
the cause (ISO) and `time_us`, `cause`, `happened`, `track`, `municipality`, `school`, `traceparent`, `status` (`pending`, `sent`,
`failed`), `attempts`, `next`, `reason`, `tries` (moment and outcome of each), `round` (how often it was sent anew), `slot` (the
date of the digest by mail it goes with), `over` (taken back, or what takes back), `moved` (told by another way), `channels` and
`is_filtered` (by which other ways it may go), `apart` (what makes its id another).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from aanwezig.chassis.publishing import Outgoing
from aanwezig.chassis.shelf import Kept
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.notifier.channels.doors import Way
from aanwezig.notifier.whom import Cause, Notice, Told

SOURCE: Final = f"{PLATFORM_SOURCE}-notifier"
_TRIES_KEPT: Final = 50
Row = dict[str, Any]


def nothing() -> dict[str, Any]:
    """The state of a document of which nothing was told."""
    return {"causes": [], "notices": []}


def lane_of(recipient: str, via: str) -> str:
    """What keeps its order: a subscription, or the channel a recipient has in the register."""
    return via or recipient


def row_of(notice: Notice, cause: Cause) -> Row:
    """A new row, neither sent nor pending yet."""
    event = cause.event
    return {
        "id": notice.id, "recipient": notice.recipient, "role": notice.role, "organisation": notice.organisation,
        "channel": notice.channel, "via": notice.via, "lane": lane_of(notice.recipient, notice.via), "word": notice.word,
        "urgency": notice.urgency, "data": notice.said().said(), "time": event.time.isoformat(), "cause": event.id,
        "happened": notice.happened, "track": cause.track, "municipality": cause.municipality, "school": cause.school,
        "traceparent": event.traceparent, "status": None, "attempts": 0, "next": None,
        "reason": None, "tries": [], "round": 0, "slot": None, "over": notice.ends,
        "moved": False, "channels": sorted(notice.channels), "is_filtered": notice.is_filtered, "apart": notice.apart,
    }  # fmt: skip


def by_another_way(row: Row, way: Way, organisation: str) -> Row:
    """The same notice by another way: another id, and whatever became of the first stays with the first."""
    identity = derived_id(
        "notice", row["cause"], way.recipient, way.channel, *([way.via] if way.via else []), *row["apart"]
    )
    recipient = row["data"]["recipient"] | {"organisation": organisation}
    return row | {
        "id": identity, "recipient": way.recipient, "organisation": organisation, "channel": way.channel, "via": way.via,
        "lane": lane_of(way.recipient, way.via),
        "data": row["data"] | {"notice": identity, "channel": way.channel, "recipient": recipient},
        "status": None, "attempts": 0, "next": None, "reason": None, "tries": [], "round": 0,
        "slot": None, "moved": False,
    }  # fmt: skip


def begin_again(row: Row, at: int) -> bool:
    """Makes a row due once more, under its id; False: it waits already, or went another way."""
    if row["status"] == "pending" or row["moved"]:
        return False
    row |= {
        "status": "pending",
        "attempts": 0,
        "next": at,
        "reason": None,
        "round": row["round"] + 1,
        "slot": None,
    }
    return True


def hurry(document: Kept, urgent: Row) -> None:
    """What waits for a digest, or for the morning, goes before an urgent row: the order is kept, and nothing urgent waits."""
    for row in document.state["notices"]:
        if (
            row is not urgent
            and row["lane"] == urgent["lane"]
            and row["status"] == "pending"
            and not row["attempts"]
        ):
            row["next"] = min(row["next"], urgent["next"])
            row["slot"] = None


def tried(row: Row, at: int, outcome: str) -> None:
    """Writes an attempt down; of very many the newest."""
    row["tries"] = [*row["tries"], [at, outcome]][-_TRIES_KEPT:]


def told(document: Kept) -> list[Told]:
    """Who was told what, or is about to be, and was not told that it is over.

    Of a notice that failed after attempts nobody knows whether it arrived, and it may be asked for once more.
    """
    found = {}
    for row in document.state["notices"]:
        nobody = row["status"] == "failed" and not row["attempts"]
        if nobody or row["over"] or row["moved"]:
            continue
        one = Told(
            row["recipient"], row["role"], row["organisation"], row["channel"], row["via"], row["word"],
            row["urgency"],
        )  # fmt: skip
        found[one.recipient, one.channel, one.via, one.word] = one
    return list(found.values())


def end(document: Kept, words: Sequence[str], role: str | None = None) -> None:
    """What was told with these words (to this role) is over; without words all of it."""
    for row in document.state["notices"]:
        if (not words or row["word"] in words) and role in {None, row["role"]}:
            row["over"] = True


def event_of(row: Row) -> Event:
    """The `notice-sent` that is delivered, and claimed: the same one however often it is."""
    return _event(row, "notice-sent", None, [])


def _event(row: Row, name: str, reason: str | None, anew: list[str]) -> Event:
    return Event(
        id=derived_id(name, row["id"], *anew), source=SOURCE, name=name, time=datetime.fromisoformat(row["time"]),
        data=row["data"] if reason is None else row["data"] | {"reason": reason}, causation=row["cause"],
        traceparent=row["traceparent"],
    )  # fmt: skip


def owe(document: Kept, topic: str, row: Row, name: str, reason: str | None = None) -> None:
    """Lets the document owe the event that says what became of a row.

    A notice that failed once and was sent anew has other words later, under another id: that of its round.
    """
    anew = [str(row["round"])] if row["round"] else []
    document.owed.append(Outgoing.event(topic, row["recipient"], _event(row, name, reason, anew)))


def by_id(document: Kept, notice: str) -> Row | None:
    """The row of a notice."""
    return next((row for row in document.state["notices"] if row["id"] == notice), None)


def pending(document: Kept, lane: str) -> list[Row]:
    """What waits on a lane, in order: per document one at a time, so that no retraction overtakes what it retracts."""
    return [row for row in document.state["notices"] if row["lane"] == lane and row["status"] == "pending"]


def index(document: Kept) -> dict[str, Any]:
    """What a document is found by: what is due to which lane, whom it was told to, when, and its notices."""
    due: dict[str, int] = {}
    for row in document.state["notices"]:
        if row["status"] == "pending":
            due.setdefault(row["lane"], row["next"])
    notices = document.state["notices"]
    return {
        "open": bool(due), "next": min(due.values(), default=None), "due": due, "to": sorted(due),
        "told": sorted({row["lane"] for row in notices}), "roles": sorted({row["role"] for row in notices}),
        "who": sorted({row["recipient"] for row in notices}), "at": max((row["time_us"] for row in notices), default=0), "notices": [row["id"] for row in notices],
    }  # fmt: skip
