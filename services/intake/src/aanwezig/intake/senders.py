"""Who may send: a view over the register topic (`contract.md` 2, *Who is who*).

A system's key is 256 random bits, known here by its SHA-256 alone; two may be valid while one replaces the other.
A change is effective with the record that tells it; a removed system is refused at once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pydantic import ValidationError

from aanwezig.chassis import logs
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import Sender, SenderKind
from aanwezig.contracts.messages import SchoolRegistered, SystemRegistered

_SYSTEM: Final = "system/"
_SCHOOL: Final = "school/"
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class System:
    """A registered system: its id, its OIN (20 characters), the schools it speaks for, and what else it may.

    `map` are the foreign ids of schools and ours; `rights` words of the register (`identities`).
    """

    id: str
    oin: str
    schools: frozenset[str]
    keys: frozenset[str]
    map: Mapping[str, str] = field(default_factory=dict, hash=False)
    rights: frozenset[str] = frozenset()

    @property
    def is_municipality(self) -> bool:
        """Whether a municipality speaks: it may name any registered school."""
        return _is_municipality(self.oin)

    @property
    def source(self) -> str:
        """The `source` of what this system says where it does not write one itself, as in a table."""
        return f"urn:nld:oin:{self.oin}"

    @property
    def municipality(self) -> str | None:
        """The CBS code of the municipality that speaks, None for others."""
        return Sender(self.oin, None).municipality


# Asked of every row.
@lru_cache(maxsize=1024)
def _is_municipality(oin: str) -> bool:
    return Sender(oin, None).kind is SenderKind.MUNICIPALITY


class Senders:
    """The systems and schools as they stand in the register now."""

    def __init__(self) -> None:
        self._systems: dict[str, System] = {}
        self._schools: dict[str, str] = {}
        self._by_key: dict[str, System] = {}
        self._removed: set[str] = set()

    async def on_change(self, key: str, event: Event | None) -> None:
        """Takes in one record of the register; None under a key removes it. Other keys are not ours to know."""
        if key.startswith(_SYSTEM):
            self._system(key.removeprefix(_SYSTEM), event)
        elif key.startswith(_SCHOOL):
            self._school(key.removeprefix(_SCHOOL), event)

    def by_key(self, bearer: str) -> System | None:
        """The system whose key this is; None: unknown, replaced or removed."""
        return self._by_key.get(hashlib.sha256(bearer.encode()).hexdigest())

    def by_name(self, name: str) -> System | None:
        """The system of this name: who speaks on a topic that is its own. None: it is not registered, or was removed."""
        return self._systems.get(name)

    def was_removed(self, name: str) -> bool:
        """Whether the register tells that this system was removed; it forgets that when the topic is compacted."""
        return name in self._removed

    def knows_school(self, school: str) -> bool:
        """Whether a school is registered."""
        return school in self._schools

    def municipality_of(self, school: str) -> str | None:
        """The municipality (CBS code) a registered school lies in; None: it is not registered."""
        return self._schools.get(school)

    def is_of(self, oin: str, school: str) -> bool:
        """Whether a school is one of this organisation's: by its BRIN, else by what its systems are registered for."""
        brin = Sender(oin, None).brin
        if brin is not None:
            return school.startswith(brin)
        return any(school in system.schools for system in self._systems.values() if system.oin == oin)

    def _system(self, name: str, event: Event | None) -> None:
        if event is None:
            self._systems.pop(name, None)
            self._removed.add(name)
        else:
            try:
                said = SystemRegistered.model_validate(event.data)
            except ValidationError:
                _log.error("register.refused", what="system")
                return
            if said.system != name:
                _log.error("register.refused", what="system")
                return
            self._removed.discard(name)
            self._systems[name] = System(
                name,
                said.oin,
                frozenset(said.schools),
                frozenset(said.keys),
                said.map,
                frozenset(said.rights),
            )
        self._by_key = {key: system for system in self._systems.values() for key in system.keys}

    def _school(self, school: str, event: Event | None) -> None:
        if event is None:
            self._schools.pop(school, None)
            return
        try:
            said = SchoolRegistered.model_validate(event.data)
        except ValidationError:
            _log.error("register.refused", what="school")
            return
        if said.school != school:
            _log.error("register.refused", what="school")
            return
        self._schools[school] = said.municipality
