"""Who may send: a view over the register topic (`contract.md` 2, *Who is who*).

A system's key is 256 random bits, known here by its SHA-256 alone; two may be valid while one replaces the other.
A change is effective with the record that tells it; a removed system is refused at once.
"""

import hashlib
from dataclasses import dataclass
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
    """A registered system: its id, its OIN (20 characters) and the schools it speaks for."""

    id: str
    oin: str
    schools: frozenset[str]
    keys: frozenset[str]

    @property
    def is_municipality(self) -> bool:
        """Whether a municipality speaks: it may name any registered school."""
        return Sender(self.oin, None).kind is SenderKind.MUNICIPALITY


class Senders:
    """The systems and schools as they stand in the register now."""

    def __init__(self) -> None:
        self._systems: dict[str, System] = {}
        self._schools: set[str] = set()
        self._by_key: dict[str, System] = {}

    async def on_change(self, key: str, event: Event | None) -> None:
        """Takes in one record of the register; None under a key removes it. Other keys are not ours to know."""
        if key.startswith(_SYSTEM):
            self._system(key.removeprefix(_SYSTEM), event)
        elif key.startswith(_SCHOOL):
            self._school(key.removeprefix(_SCHOOL), event)

    def by_key(self, bearer: str) -> System | None:
        """The system whose key this is; None: unknown, replaced or removed."""
        return self._by_key.get(hashlib.sha256(bearer.encode()).hexdigest())

    def knows_school(self, school: str) -> bool:
        """Whether a school is registered."""
        return school in self._schools

    def _system(self, name: str, event: Event | None) -> None:
        if event is None:
            self._systems.pop(name, None)
        else:
            try:
                said = SystemRegistered.model_validate(event.data)
            except ValidationError:
                _log.error("register.refused", what="system")
                return
            if said.system != name:
                _log.error("register.refused", what="system")
                return
            self._systems[name] = System(name, said.oin, frozenset(said.schools), frozenset(said.keys))
        self._by_key = {key: system for system in self._systems.values() for key in system.keys}

    def _school(self, school: str, event: Event | None) -> None:
        if event is None:
            self._schools.discard(school)
            return
        try:
            said = SchoolRegistered.model_validate(event.data)
        except ValidationError:
            _log.error("register.refused", what="school")
            return
        if said.school != school:
            _log.error("register.refused", what="school")
            return
        self._schools.add(school)
