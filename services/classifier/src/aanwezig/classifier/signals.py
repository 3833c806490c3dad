"""What is said of a pupil beside findings: its distance to the threshold, to its school, and its share in the school's feed.

Each is said when it differs from what was said last, with a revision that grows.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from aanwezig.chassis.publishing import Outgoing
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.findings import decimal_text
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.topics import FEEDS, SIGNALS
from aanwezig.law.distance import Distance
from aanwezig.law.shares import Share

SOURCE: Final = f"{PLATFORM_SOURCE}-classifier"
Row = list[Any]


def event_of(name: str, data: dict[str, Any], cause: Event, causation: str | None) -> Event:
    """The event that says this because of a cause: its id is derived from what it says, its time is the cause's."""
    said = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    return Event(
        id=derived_id(name, hashlib.sha256(said).hexdigest()),
        source=SOURCE,
        name=name,
        time=cause.time,
        data=data,
        causation=causation,
        traceparent=cause.traceparent,
    )


def measured(
    pupil: str, found: Iterable[Distance], on: date, before: Mapping[str, Row], cause: Event, causation: str
) -> tuple[dict[str, Row], list[Outgoing]]:
    """Per school the revision and what it was told last, and what to tell it now.

    A school hears of a pupil from the first counted hour on; then of every change, down to none at all.
    """
    now = dict(before)
    owed: list[Outgoing] = []
    for distance in found:
        content = _content(distance)
        revision, told = before.get(distance.school, (0, None))
        if content == told or (told is None and not distance.value):
            continue
        now[distance.school] = [revision + 1, content]
        data = {
            "pupil": pupil, "school": distance.school, "revision": revision + 1, "on": on.isoformat(), **content,
        }  # fmt: skip
        event = event_of("distance-measured", data, cause, causation)
        owed.append(Outgoing.event(SIGNALS.name, distance.school, event))
    return now, owed


def shared(
    pupil: str, shares: Mapping[str, Share], before: Mapping[str, Row], cause: Event, causation: str
) -> tuple[dict[str, Row], list[Outgoing]]:
    """Per school the revision and the share said last, and what to say now. Of a share of nothing nothing is said first."""
    now = dict(before)
    owed: list[Outgoing] = []
    for school in sorted({*before, *shares}):
        enrolments, firsts = as_rows(shares.get(school, Share()))
        revision, *told = before.get(school, (0, [], []))
        if told == [enrolments, firsts]:
            now[school] = [revision, enrolments, firsts]
            continue
        now[school] = [revision + 1, enrolments, firsts]
        data = {
            "school": school, "pupil": pupil, "revision": revision + 1,
            "enrolments": [{"from": first, "until": last} for first, last in enrolments], "firsts": firsts,
        }  # fmt: skip
        owed.append(Outgoing.event(FEEDS.name, school, event_of("feed-enrolled", data, cause, causation)))
    return now, owed


def as_rows(share: Share) -> tuple[list[list[str | None]], list[str]]:
    """A share as plain values."""
    return (
        [[first.isoformat(), None if last is None else last.isoformat()] for first, last in share.enrolments],
        [day.isoformat() for day in share.firsts],
    )


def from_rows(enrolments: Iterable[tuple[str, str | None]], firsts: Iterable[str]) -> Share:
    """The share in plain values."""
    return Share(
        tuple(
            (date.fromisoformat(first), None if last is None else date.fromisoformat(last))
            for first, last in enrolments
        ),
        tuple(date.fromisoformat(day) for day in firsts),
    )


def _content(distance: Distance) -> dict[str, Any]:
    crossing = distance.pack.crossing
    return {
        "rule": {
            "id": "statutory", "pack": distance.pack.id, "version": distance.pack.version,
            "article": distance.pack.statutory.article,
        },
        "measured": {
            "value": decimal_text(distance.value), "exact": str(distance.value), "unit": crossing.unit,
            "operator": crossing.operator, "threshold": decimal_text(distance.threshold),
        },
        "distance": {"value": decimal_text(distance.left), "exact": str(distance.left)},
        "leaves": [
            {"on": on.isoformat(), "value": decimal_text(amount), "exact": str(amount)}
            for on, amount in distance.leaves
        ],
    }  # fmt: skip
