"""From what happened to the records that say it: to the chain, to the partners of the track, to justice, to the officer."""

from dataclasses import dataclass
from typing import Final

from aanwezig.case_router import crossing
from aanwezig.case_router.draft import CaseEvent, Cause
from aanwezig.chassis.publishing import Outgoing
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import DecisionRefused
from aanwezig.contracts.topics import CASES, DECISIONS

REFUSED: Final = "decision-refused"


@dataclass(frozen=True, slots=True)
class Voice:
    """Says case events and refusals. `justice_key` is the key of the justice domain (32 bytes)."""

    justice_key: bytes

    def records(self, happened: CaseEvent) -> list[Outgoing]:
        """The records that say what happened to a case."""
        event = crossing.event_of(happened)
        said = [Outgoing.event(CASES.name, happened.said.case, event)]
        for topic, told in crossing.to_partners(happened):
            said.append(Outgoing.event(topic, happened.said.case, told))
        for topic, crossed in crossing.to_justice(happened, self.justice_key):
            said.append(Outgoing.event(topic, crossed.data["case"], crossed))
        return said

    def refusal(self, refused: DecisionRefused, command_key: str, cause: Cause) -> Outgoing:
        """The record that answers a command which is not carried out."""
        event = Event(
            id=derived_id(REFUSED, command_key), source=crossing.SOURCE, name=REFUSED, time=cause.time,
            data=refused.said(), causation=cause.id, traceparent=cause.traceparent,
        )  # fmt: skip
        return Outgoing.event(DECISIONS.name, refused.case, event)
