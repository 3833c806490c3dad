"""Whom a cause is told to, by which ways, and what of it: the notice table asked (`table.py`). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from aanwezig.contracts.envelope import Event, type_of
from aanwezig.contracts.feeds import DistanceMeasured
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import (
    CaseSaid,
    Channel,
    FindingSaid,
    Message,
    NoticeSaid,
    Recipient,
    RecipientRegistered,
    Urgency,
    Word,
)
from aanwezig.notifier.channels.doors import Way
from aanwezig.notifier.table import EVERY_CHANNEL, THOSE_TOLD, Domain, Row, rows_for

NOBODY: Final = "nobody"
UNREGISTERED: Final = "unregistered"
"""The organisation of a notice for a role in which nobody is registered."""
NOBODY_REGISTERED: Final = "nobody-registered"
NO_ADDRESS: Final = "no-address"


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened, with its data read: an event of a case or a finding, or a thing of our own that was made.

    `about` is the case or the finding; `partition` is that of the topic it came
    by; `only`, where one recipient alone is told; `apart` keeps
    its notices in a document of their own (in justice the track: Halt and the officer of justice hear nothing of each other).
    """

    event: Event
    said: Message
    about: str
    partition: int
    only: str | None = None
    apart: str = ""

    @property
    def document(self) -> str:
        """The document in which its notices are kept: of what it is about, or of the part of it that is told apart."""
        return f"{self.about}/{self.apart}" if self.apart else self.about

    @property
    def municipality(self) -> str | None:
        """The municipality it is about, as far as it tells one."""
        found: str | None = getattr(self.said, "municipality", None)
        return found

    @property
    def school(self) -> str | None:
        """The school it is about."""
        found: str | None = getattr(self.said, "school", None)
        return found

    @property
    def track(self) -> str | None:
        """The track of the case it is about."""
        found: str | None = getattr(self.said, "track", None)
        return found


def about_of(said: Message) -> str:
    """What a message is about: its case, its finding (good news: the finding it answers), or a pupil's way to the threshold.

    Raises:
        TypeError: no message that is told of.
    """
    if isinstance(said, CaseSaid):
        return said.case
    if isinstance(said, FindingSaid):
        is_good = said.kind in {"returned", "presence-restored"}
        return said.about if is_good and said.about is not None else said.finding
    if isinstance(said, DistanceMeasured):
        return derived_id("distance", said.school, said.pupil)
    raise TypeError(type(said).__name__)


class Ways(Protocol):
    """How recipients are reached now."""

    def __iter__(self) -> Iterator[RecipientRegistered]:
        """The registered recipients, in order."""

    def of(self, recipient: str) -> Sequence[Way]:
        """The ways of one recipient, that of the register first; none: it has no address, or is not registered."""

    def wants(self, way: Way, happened: str, track: str | None, municipality: str | None) -> bool:
        """Whether who is reached by this way asked for this. The channel of the register asks for everything."""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was told a word about a case or a finding, and by which way."""

    recipient: str
    role: str
    organisation: str
    channel: Channel
    via: str
    word: Word
    urgency: Urgency = "normal"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: to whom, by which way, because of what. `missing`: why there is no way to tell it.

    `fields` are those of the cause that the row allows; `channels` are those it may go by; `is_filtered`: a subscription hears it
    only if its filter asks for it; `of`, `ends` and `takes_back`: see `Row`.
    """

    id: str
    recipient: str
    role: str
    organisation: str
    channel: Channel
    via: str
    about: str
    cause: str
    happened: str
    word: Word
    urgency: Urgency
    fields: Mapping[str, Any] = field(hash=False)
    missing: str | None = None
    channels: frozenset[Channel] = EVERY_CHANNEL
    is_filtered: bool = True
    of: tuple[Word, ...] = ()
    ends: bool = False
    takes_back: bool = False
    apart: tuple[str, ...] = ()

    def said(self) -> NoticeSaid:
        """The data of the event that says this notice."""
        return NoticeSaid.model_validate({
            "notice": self.id, "recipient": Recipient(role=self.role, organisation=self.organisation),
            "about": self.about, "channel": self.channel, "cause": self.cause, "happened": self.happened,
            "subject": self.word, "urgency": self.urgency, **({"takes_back": True} if self.takes_back else {}), **self.fields,
        })  # fmt: skip


def notices(domain: Domain, cause: Cause, told: Sequence[Told], ways: Ways) -> list[Notice]:
    """The notices a cause makes, one per recipient and way; `told` is who was told about the same thing before."""
    found: dict[str, Notice] = {}
    for row in rows_for(domain, cause.event.name, cause.said):
        made = (
            _to_those_told(row, cause, told, ways) if row.role == THOSE_TOLD else _to_role(row, cause, ways)
        )
        for notice in made:
            found.setdefault(notice.id, notice)
    return list(found.values())


def is_theirs(one: RecipientRegistered, role: str, municipality: str | None, school: str | None) -> bool:
    """Whether a recipient hears what this role hears of this place."""
    if one.role != role:
        return False
    if role == "school":
        return one.school == school
    return one.municipality in (None, municipality)


def _to_those_told(row: Row, cause: Cause, told: Sequence[Told], ways: Ways) -> list[Notice]:
    return [
        _again(row, cause, one, ways)
        for one in told
        if (not row.of or one.word in row.of) and row.of_role in {None, one.role}
    ]


def _again(row: Row, cause: Cause, one: Told, ways: Ways) -> Notice:
    """By the way it was told, else by another it has now; who left the register still finds it on the topic.

    What takes back an urgent word is as urgent: it does not wait for a digest.
    """
    now = ways.of(one.recipient)
    same = [way for way in now if (way.channel, way.via) == (one.channel, one.via)]
    way = next(iter([*same, *now]), Way(one.recipient, "topic"))
    said = _notice(row, cause, one.role, one.organisation, way)
    return replace(said, urgency=one.urgency) if row.takes_back and one.urgency != "normal" else said


def _to_role(row: Row, cause: Cause, ways: Ways) -> list[Notice]:
    place = getattr(cause.said, "left", None) if row.left else cause.municipality
    theirs = [one for one in ways if is_theirs(one, row.role, place, cause.school)]
    if cause.only is not None:
        theirs = [one for one in theirs if one.recipient == cause.only]
    if row.left and (region := [one for one in theirs if one.municipality is None]):
        # Whoever serves the whole region hears of the case as the one it came to.
        theirs = [one for one in theirs if one not in region]
        if not theirs:
            return []
    if row.arrived:
        theirs = [one for one in theirs if one.municipality is not None]
    if not theirs:
        # No recipient has such an id: what nobody was told is nobody's to read.
        nobody = Way(f"{NOBODY}:{row.role}", "topic")
        return [] if row.advice else [_notice(row, cause, row.role, UNREGISTERED, nobody, NOBODY_REGISTERED)]
    return [notice for one in theirs for notice in _to_one(row, cause, one, ways)]


def _to_one(row: Row, cause: Cause, one: RecipientRegistered, ways: Ways) -> list[Notice]:
    known = ways.of(one.recipient)
    happened = type_of(cause.event.name)
    made = [
        _notice(row, cause, one.role, one.organisation, way)
        for way in known
        if way.channel in row.channels and ways.wants(way, happened, cause.track, cause.municipality)
    ]
    if made or row.advice or any(not way.via for way in known):
        return made
    # By the register it is to hear this, and there is nowhere to go, or no subscription asks for it.
    nowhere = Way(one.recipient, one.channel)
    return [_notice(row, cause, one.role, one.organisation, nowhere, NO_ADDRESS)]


def _notice(
    row: Row, cause: Cause, role: str, organisation: str, way: Way, missing: str | None = None
) -> Notice:
    values = {name: getattr(cause.said, name, None) for name in row.fields}
    apart = ("left",) if row.left else ()
    return Notice(
        id=derived_id("notice", cause.event.id, way.recipient, way.channel, *([way.via] if way.via else []), *apart),
        apart=apart,
        recipient=way.recipient, role=role, organisation=organisation, channel=way.channel, via=way.via,
        about=cause.about, cause=cause.event.id, happened=type_of(cause.event.name), word=row.word, urgency=row.urgency,
        fields={name: _plain(value) for name, value in values.items() if value is not None},
        missing=missing, channels=row.channels, is_filtered=row.role != THOSE_TOLD, of=row.of, ends=row.ends, takes_back=row.takes_back,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.said() if isinstance(value, Message) else value
