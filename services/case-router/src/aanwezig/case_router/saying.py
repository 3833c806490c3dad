"""From what happened to the records that say it: to the own domain, to the partners of the track, to justice, to the officer."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from aanwezig.case_router import crossing
from aanwezig.case_router.domains import CHAIN, CasesOf
from aanwezig.case_router.dossier import Dossier
from aanwezig.case_router.draft import CaseEvent, Cause
from aanwezig.case_router.grounds import Refusal
from aanwezig.chassis.publishing import Outgoing
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import (
    DayClosed,
    DecisionRefused,
    DecisionTaken,
    OutcomeRecorded,
    StepRecorded,
)
from aanwezig.contracts.topics import CROSSINGS

REFUSED: Final = "decision-refused"
DAY_CLOSED: Final = "day-closed"
Said = DecisionTaken | StepRecorded | OutcomeRecorded


@dataclass(frozen=True, slots=True)
class Voice:
    """Says case events and refusals of one domain. `justice_key`: that of the justice domain (32 bytes); None: nothing crosses.

    Only what the chain says has partners and crosses: what health says stays with youth health care.
    """

    justice_key: bytes | None
    domain: CasesOf = CHAIN

    def index(self, dossier: Dossier) -> dict[str, Any]:
        """What a dossier is found by: beside its own cases, the ids under which justice knows them."""
        known = dossier.index
        return {**known, "cases": [*known["cases"], *self.from_justice(dossier)]}

    def from_justice(self, dossier: Dossier) -> dict[str, str]:
        """The ids by which justice knows cases of a dossier, each with the id it has here."""
        return {} if self.justice_key is None else crossing.names_of(dossier.cases, self.justice_key)

    def resolved(self, dossier: Dossier, said: Said) -> tuple[Said, Refusal | None]:
        """A command as it is about a case of this dossier; and why it is refused, where it came under justice's id."""
        here = self.from_justice(dossier).get(said.case)
        if here is None:
            return said, None
        return said.model_copy(update={"case": here}), crossing.refusal_from_justice(said)

    def records(self, happened: CaseEvent) -> list[Outgoing]:
        """The records that say what happened to a case."""
        event = crossing.event_of(happened)
        said = [Outgoing.event(self.domain.cases.name, happened.said.case, event)]
        if self.justice_key is None:
            return said
        for topic, told in crossing.to_partners(happened):
            said.append(Outgoing.event(topic, happened.said.case, told))
        crossed = crossing.to_justice(happened, self.justice_key)
        return said + [Outgoing.event(CROSSINGS.name, one.data["case"], one) for one in crossed]

    @property
    def says_days(self) -> bool:
        """Whether closed days are said on the topic of cases: only where somebody listens for them."""
        return DAY_CLOSED in self.domain.cases.events

    def day(
        self, closed: date, origin: int, cause: Cause, *, origins: int, partitions: int
    ) -> list[Outgoing]:
        """The records that say to every partition of the cases: of this date all is said that `origin` brought about.

        `origin` is a partition of the findings, of which there are `origins`; `partitions` is how many the cases have. The id depends on date and origin alone.
        """
        event = Event(
            id=derived_id(DAY_CLOSED, closed.isoformat(), "findings", str(origin)), source=crossing.SOURCE,
            name=DAY_CLOSED, time=cause.time, causation=cause.id,
            data=DayClosed(date=closed, origin=origin, origins=origins).said(),
        )  # fmt: skip
        topic = self.domain.cases.name
        return [Outgoing.event(topic, None, event, number) for number in range(partitions)]

    def refusal(self, refused: DecisionRefused, command_key: str, cause: Cause) -> Outgoing:
        """The record that answers a command which is not carried out."""
        event = Event(
            id=derived_id(REFUSED, command_key), source=crossing.SOURCE, name=REFUSED, time=cause.time,
            data=refused.said(), causation=cause.id, traceparent=cause.traceparent,
        )  # fmt: skip
        return Outgoing.event(self.domain.commands.name, refused.case, event)
