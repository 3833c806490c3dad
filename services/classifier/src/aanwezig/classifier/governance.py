"""Which rule pack governs whom, from the register (`school.register.v1`), and who was looked at under another one.

A pupil is governed by the packs of the municipalities it lives in, and, where that is not known of every date, by its schools'
(`rules.md`, opening); where these chose none, by the default. Each of these is a *ground*: a text that says what stood when the
pupil was looked at. Its document holds its grounds, so that after a change, a crash or a time of standing still one question to
the database finds whoever was looked at on other grounds, and nobody else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import ValidationError

from aanwezig.chassis import logs
from aanwezig.classifier.calendars import Whose
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import PersonRecorded
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import MunicipalityRegistered, SchoolRegistered
from aanwezig.law import packs, shelf
from aanwezig.law.data_files import NoSuchRule, UnreadableRule
from aanwezig.law.packs import ByMunicipality, Governance, Pack, UnsoundChoice
from aanwezig.law.standing import Standing

_DEFAULT: Final = "default"
_STANDS: Final = "+"
_STANDS_NOT: Final = "-"
_PAST_STANDS: Final = chr(ord(_STANDS) + 1)
_log = logs.get(__name__)
Versions = Callable[[str], Sequence[Pack]]


class Register:
    """Municipalities with their packs, schools with their municipality, as registered now.

    `versions` gives the versions of a pack by its name, or raises `NoSuchRule` or `UnreadableRule`. `now` is asked when
    something changes without an event that brings a time of its own: a removal, or other packs.
    """

    def __init__(
        self, default_pack: str, *,
        versions: Versions = lambda name: shelf.built_in().versions(name),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._versions = versions
        self._now = now
        self._default_name = default_pack
        self._default = versions(default_pack)
        self._said: dict[str, MunicipalityRegistered] = {}
        self._chosen: dict[str, list[tuple[date, Pack]]] = {}
        self._schools: dict[str, str | None] = {}
        self._grounds: dict[str, str] = {_DEFAULT: _ground(_DEFAULT, _written(_of_default(self._default)))}
        self._causes: dict[str, Event] = {}
        self._unlooked: set[Whose] = set()
        # The schools are shared with it, not copied: a register is read record by record, thousands of them.
        self.governance: Governance = ByMunicipality(self._default, {}, self._schools)

    async def on_change(self, key: str, event: Event | None) -> None:
        """Takes in one record of the register; None for what was removed."""
        kind, _, name = key.partition("/")
        try:
            if kind == "school":
                self._school(name, None if event is None else SchoolRegistered.model_validate(event.data))
            elif kind == "municipality":
                self._municipality(
                    name, None if event is None else MunicipalityRegistered.model_validate(event.data)
                )
            else:
                return
        except (ValidationError, UnsoundChoice):
            _log.error("register.refused", what=kind)
            return
        self._note(key, event)

    async def on_packs(self) -> None:
        """Takes in that other packs may be there now: the choices stand, what they mean may not."""
        try:
            self._default = self._versions(self._default_name)
        except (NoSuchRule, UnreadableRule):
            _log.error("pack.unknown", municipality="-")
        for name, said in self._said.items():
            try:
                self._chosen[name] = self._packs(name, said)
            except UnsoundChoice:
                _log.error("register.refused", what="municipality")
        self.governance = ByMunicipality(self._default, self._chosen, self._schools)
        for key in [_DEFAULT, *(f"municipality/{name}" for name in sorted(self._said))]:
            self._note(key, None)

    def grounds_of(self, standing: Standing, schools: Iterable[str]) -> list[str]:
        """What governs a pupil with these facts and these schools, as it stands in the register now; in order.

        Rather too much than too little: a municipality the pupil once lived in counts, and a school's counts unless the
        residence is known from the first fact on.
        """
        homes = [fact for fact in standing.facts(PersonRecorded) if fact.resident_from is not None]
        keys = {_DEFAULT, *(f"municipality/{home.municipality}" for home in homes if home.municipality)}
        if not _lives_somewhere_throughout(standing, homes):
            for school in schools:
                keys.add(f"school/{school}")
                place = self._schools.get(school)
                if place is not None:
                    keys.add(f"municipality/{place}")
        return self._standing_of(keys)

    def grounds_of_school(self, school: str) -> list[str]:
        """What governs a school itself, as it stands in the register now; in order."""
        place = self._schools.get(school)
        keys = {_DEFAULT, f"school/{school}"}
        return self._standing_of(keys if place is None else {*keys, f"municipality/{place}"})

    def _standing_of(self, keys: Iterable[str]) -> list[str]:
        return sorted(self._grounds.get(key, f"{_STANDS_NOT}{key}") for key in keys)

    def elsewhere(self) -> Mapping[str, Any]:
        """The query for whoever was looked at on other grounds than those that stand now (`x.grounds` of a document)."""
        stand = sorted(self._grounds.values())
        return {
            "$or": [
                {"x.grounds": {"$elemMatch": {"$gte": _STANDS, "$lt": _PAST_STANDS, "$nin": stand}}},
                {"x.grounds": {"$in": [f"{_STANDS_NOT}{key}" for key in sorted(self._grounds)]}},
            ]
        }

    def cause_for(self, grounds: Iterable[str]) -> Event | None:
        """The newest word of the register that changed one of these grounds; None: all of them stand."""
        keys = {_key_of(ground) for ground in grounds if not self._stands(ground)}
        causes = (self._cause(key) for key in sorted(keys))
        return max(causes, key=lambda event: (event.time, event.id), default=None)

    def take_changed(self, whose: Whose = "pupils") -> bool:
        """Whether the grounds of any of them may have changed since this was last asked for them."""
        changed = whose in self._unlooked
        self._unlooked.discard(whose)
        return changed

    def look_again(self, whose: Whose = "pupils") -> None:
        """Counts everything as changed: not all could be looked at, or others were looked at by another instance."""
        self._unlooked.add(whose)

    def _school(self, name: str, said: SchoolRegistered | None) -> None:
        if said is None:
            self._schools.pop(name, None)
        else:
            self._schools[name] = said.municipality

    def _municipality(self, name: str, said: MunicipalityRegistered | None) -> None:
        if said is None:
            self._chosen.pop(name, None)
            self._said.pop(name, None)
        else:
            self._chosen[name] = self._packs(name, said)
            self._said[name] = said
        self.governance = ByMunicipality(self._default, self._chosen, self._schools)

    def _packs(self, code: str, said: MunicipalityRegistered) -> list[tuple[date, Pack]]:
        """The packs chosen, of which one that nobody here has is left out.

        Raises:
            UnsoundChoice: they leave dates without a pack, or are not this municipality's to choose.
        """
        known: list[tuple[str, date]] = []
        for choice in said.packs:
            try:
                self._versions(choice.pack)
            except (NoSuchRule, UnreadableRule):
                _log.error("pack.unknown", municipality=code)
            else:
                known.append((choice.pack, choice.from_))
        return packs.chosen_by(code, known, self._versions)

    def _note(self, key: str, event: Event | None) -> None:
        """Remembers a ground, and the event behind it where it differs from the one before."""
        says = self._says(key)
        ground = None if says is None else _ground(key, says)
        before = self._grounds.pop(key, None)
        if ground is not None:
            self._grounds[key] = ground
        if ground != before or key not in self._causes:
            self._causes[key] = event or self._by_itself(key)
        # A removal that the topic still tells may be news to those who were looked at before we started.
        if ground != before or event is None:
            self._unlooked |= {"pupils", "schools", "presence"}

    def _says(self, key: str) -> str | None:
        """What stands under a key of the register; None: nothing that matters."""
        kind, _, name = key.partition("/")
        if key == _DEFAULT:
            return _written(_of_default(self._default))
        return self._schools.get(name) if kind == "school" else self._rules_of(name)

    def _rules_of(self, municipality: str) -> str | None:
        """The packs that hold there and from when on; None where they are the default's all along."""
        rows = self._chosen.get(municipality, ())
        without = ByMunicipality(self._default, {}, {})
        starts = [start for start, _ in (*rows, *_of_default(self._default))]
        if all(
            self.governance.pack_for(municipality, None, start) == without.pack_for(None, None, start)
            for start in starts
        ):
            return None
        return _written(rows)

    def _stands(self, ground: str) -> bool:
        key = _key_of(ground)
        return ground == self._grounds.get(key, f"{_STANDS_NOT}{key}")

    def _cause(self, key: str) -> Event:
        """The event behind a ground; of a removal the topic no longer tells, what we found instead."""
        if key not in self._causes:
            self._causes[key] = self._by_itself(key)
        return self._causes[key]

    def _by_itself(self, key: str) -> Event:
        """A change that no event tells (a removal is an empty record): its id says what stands, its time is when we heard."""
        return Event(
            id=derived_id("ground", key, self._grounds.get(key, "")), source=f"{PLATFORM_SOURCE}-classifier",
            name="ground-changed", time=self._now(), data={},
        )  # fmt: skip


def _of_default(default: Sequence[Pack]) -> list[tuple[date, Pack]]:
    return [(pack.valid_from, pack) for pack in default]


def _written(rows: Iterable[tuple[date, Pack]]) -> str:
    # Packs of one id and version say the same: docs/packs.md.
    return ", ".join(f"{pack.id}@{pack.version} from {start.isoformat()}" for start, pack in rows)


def _ground(key: str, says: str) -> str:
    return f"{_STANDS}{key}={says}"


def _lives_somewhere_throughout(standing: Standing, homes: Sequence[PersonRecorded]) -> bool:
    """Whether the municipality of residence is known on every date on which anything can be found."""
    first = standing.next_after(date.min)
    told = [home.resident_from for home in homes if home.resident_from is not None]
    return (
        first is not None
        and min(told, default=date.max) <= first
        and all(home.municipality is not None for home in homes)
    )


def _key_of(ground: str) -> str:
    return ground[1:].partition("=")[0]
