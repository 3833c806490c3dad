"""Out of the facts of the school domain: which findings go where, and under which names (design.md, *The rooms*; `contract.md` 2, 4).

This is the one place. A kind goes to the chain, to health or to a school; what goes to the chain is said to its own school
too, which has to report it or may help (`domain.md` 3). To the chain and to health the pupil gets the pseudonym of that
domain, facts a keyed hash, findings an id derived from these; rows that tell why a pupil was rightly away become numbers,
and no reason of an absence is told. What a school hears stays in the school domain, in full.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.findings import OF_A_SCHOOL, OF_HEALTH, Finding, finding_data
from aanwezig.contracts.identifiers import crossed, keyed_hash
from aanwezig.contracts.topics import FINDINGS, HEALTH_FINDINGS, SIGNALS, Domain, Topic

_ONLY_A_NUMBER: Final = ("authorised", "on-leave", "exempt")


class Crossing:
    """The crossing into another domain, under its key."""

    def __init__(self, domain: Domain, key: bytes) -> None:
        self._domain = domain
        self._key = key

    def pupil(self, pseudonym: str) -> str:
        """The pupil's pseudonym there."""
        return crossed(pseudonym, self._domain, self._key)

    def fact(self, event_id: str) -> str:
        """A fact's id outside the school domain: a sender may have put anything into an id."""
        return keyed_hash(self._key, "fact", event_id)

    def finding(self, finding: Finding) -> dict[str, Any]:
        """The data of a finding as the domain may see it, revision 1."""
        pupil = None if finding.pupil is None else self.pupil(finding.pupil)
        about = finding.about
        if about is not None and about.pupil is not None:
            about = replace(about, pupil=self.pupil(about.pupil))
        totals = Counter(row.reason for row in finding.not_counted if row.reason in _ONLY_A_NUMBER)
        carried = replace(
            finding,
            pupil=pupil,
            about=about,
            counted=tuple(replace(row, fact=self.fact(row.fact)) for row in finding.counted),
            not_counted=tuple(
                replace(row, fact=self.fact(row.fact))
                for row in finding.not_counted
                if row.reason not in totals
            ),
            contradictions=tuple(
                replace(row, stands=self.fact(row.stands), against=self.fact(row.against))
                for row in finding.contradictions
            ),
        )
        said = finding_data(carried, revision=1, pupil=pupil)
        said["not_counted"] += [
            {"reason": reason, "count": totals[reason]} for reason in _ONLY_A_NUMBER if totals[reason]
        ]
        return said


class ToChain(Crossing):
    """The crossing into the chain."""

    def __init__(self, key: bytes) -> None:
        super().__init__(Domain.CHAIN, key)


class ToHealth(Crossing):
    """The crossing into health."""

    def __init__(self, key: bytes) -> None:
        super().__init__(Domain.HEALTH, key)


@dataclass(frozen=True, slots=True)
class Way:
    """Where findings of a kind are said: the topic, what its key is, the form there, and a fact's id as a cause there.

    `apart`: nothing said there may be laid beside what another domain hears: no cause of theirs, and no trace.
    """

    topic: Topic
    key: str
    finding: Callable[[Finding], dict[str, Any]]
    fact: Callable[[str], str]
    apart: bool = False

    def day(self, closed: Event) -> Event:
        """A closed day as it is told there: it names no pupil, and is still no bridge between two domains."""
        if not self.apart:
            return closed
        cause = None if closed.causation is None else self.fact(closed.causation)
        return replace(closed, id=self.fact(closed.id), causation=cause, traceparent=None)


class Ways:
    """The ways of every kind of finding."""

    def __init__(self, chain: ToChain, health: ToHealth) -> None:
        self.chain = Way(FINDINGS, "pupil", chain.finding, chain.fact)
        # Absence and youth health care may not be linked (`domain.md` 5, P-15).
        self.health = Way(HEALTH_FINDINGS, "pupil", health.finding, health.fact, apart=True)
        # A hash of its own: what the school reads cannot be laid beside what the chain reads.
        self.school = Way(
            SIGNALS, "school", self._in_full, lambda event_id: chain.fact(f"to the school: {event_id}")
        )

    def of(self, kind: str, school: str | None = None) -> tuple[Way, ...]:
        """The ways findings of this kind at this school go: the one of their domain, then the one to the school as well."""
        if kind in OF_HEALTH:
            return (self.health,)
        if kind in OF_A_SCHOOL:
            return (self.school,)
        return (self.chain,) if school is None else (self.chain, self.school)

    def _in_full(self, finding: Finding) -> dict[str, Any]:
        """As offline; only the ids of facts that contradict are hashes: another sender may have chosen them (ADR 10)."""
        contradictions = tuple(
            replace(row, stands=self.school.fact(row.stands), against=self.school.fact(row.against))
            for row in finding.contradictions
        )
        told = replace(finding, contradictions=contradictions)
        return finding_data(told, revision=1, pupil=finding.pupil)
