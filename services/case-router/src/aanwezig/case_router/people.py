"""Who may speak in cases: the officers and partners of `chain.register.v1`, read whole before the first command (ADR 9).

An officer's key is 256 random bits, known here by its SHA-256 alone; two may be valid while one replaces the other. A change
is effective with the record that tells it.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from aanwezig.case_router.domains import Domain
from aanwezig.chassis import logs
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import OfficerRegistered, RecipientRegistered

_OFFICER: Final = "officer/"
_RECIPIENT: Final = "recipient/"
_HEALTH: Final = frozenset({"youth-health-care"})
_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: its id in the register, its role there, and its municipality (CBS code; None: the whole region).

    `decides`: it is an officer; a partner records the steps of its role and no more.
    """

    id: str
    role: str
    municipality: str | None
    decides: bool = True

    def may_see(self, municipality: str | None) -> bool:
        """Whether a case of this municipality is its to see; one whose municipality nobody knows is everybody's."""
        return None in (self.municipality, municipality) or self.municipality == municipality


class People:
    """The officers and partners as they stand in the register now, of one domain: health has its own (`domain.md` 5)."""

    def __init__(self, domain: Domain = "chain") -> None:
        self._domain: Final = domain
        self._officers: dict[str, OfficerRegistered] = {}
        self._partners: dict[str, RecipientRegistered] = {}
        self._by_key: dict[str, str] = {}

    async def on_change(self, key: str, event: Event | None) -> None:
        """Takes in one record of the register; None under a key removes it. Other keys are not ours to know."""
        if key.startswith(_OFFICER):
            self._officer(key.removeprefix(_OFFICER), event)
        elif key.startswith(_RECIPIENT):
            self._partner(key.removeprefix(_RECIPIENT), event)

    def by_key(self, bearer: str) -> Speaker | None:
        """The officer whose key this is; None: unknown, replaced, removed, or of another domain."""
        named = self._by_key.get(hashlib.sha256(bearer.encode()).hexdigest())
        return None if named is None else self.named(named)

    def named(self, person: str) -> Speaker | None:
        """Who is registered under this id, an officer before a partner; None: nobody in this domain."""
        officer = self._officers.get(person)
        if officer is not None:
            found = Speaker(person, officer.role, officer.municipality)
        else:
            partner = self._partners.get(person)
            if partner is None:
                return None
            found = Speaker(person, partner.role, partner.municipality, decides=False)
        return found if (found.role in _HEALTH) == (self._domain == "health") else None

    def _officer(self, name: str, event: Event | None) -> None:
        if event is None:
            self._officers.pop(name, None)
        else:
            try:
                said = OfficerRegistered.model_validate(event.data)
            except ValidationError:
                said = None
            if said is None or said.officer != name:
                # What stood before stays: a clerk's slip must not shut an officer out.
                _log.error("register.refused", what="officer")
                return
            self._officers[name] = said
        self._by_key = {key: one.officer for one in self._officers.values() for key in one.keys}

    def _partner(self, name: str, event: Event | None) -> None:
        if event is None:
            self._partners.pop(name, None)
            return
        try:
            said = RecipientRegistered.model_validate(event.data)
        except ValidationError:
            said = None
        if said is None or said.recipient != name:
            _log.error("register.refused", what="recipient")
            return
        self._partners[name] = said
