"""The domains the program runs in, an instance for each (ADR 9): which topics are its own, and what it reads of a finding."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from aanwezig.contracts.findings import NOT_OF_THE_CHAIN, OF_HEALTH
from aanwezig.contracts.messages import FindingSaid
from aanwezig.contracts.topics import (
    CASES,
    DECISIONS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_DECISIONS,
    HEALTH_FINDINGS,
    Topic,
)

Domain = Literal["chain", "health", "justice"]
SERVICE: Final[dict[Domain, str]] = {
    "chain": "case-router", "health": "case-router-health", "justice": "case-router-justice",
}  # fmt: skip
"""The name of each instance: of its database, its groups and its parked topic."""


@dataclass(frozen=True, slots=True)
class CasesOf:
    """A domain with cases of its own: where it hears findings and commands, where it says its cases.

    `reads` gives what of a finding may be known there, None for a kind that is not its own.
    """

    domain: Domain
    findings: Topic
    commands: Topic
    cases: Topic
    reads: Callable[[FindingSaid], FindingSaid | None]


def _of_the_chain(said: FindingSaid) -> FindingSaid | None:
    return None if said.kind in NOT_OF_THE_CHAIN else said


def _of_health(said: FindingSaid) -> FindingSaid | None:
    """Who was ill, when, where, and whose; nothing of absence, signals or obligation.

    `domain.md` 5, P-15: what the municipality knows of absence and what youth health care knows may not be linked. So row
    `health` answers, and no desk of the chain is told.
    """
    if said.kind not in OF_HEALTH:
        return None
    return said.model_copy(update={"context": None, "obligation": None, "age": None})


CHAIN: Final = CasesOf("chain", FINDINGS, DECISIONS, CASES, _of_the_chain)
HEALTH: Final = CasesOf("health", HEALTH_FINDINGS, HEALTH_DECISIONS, HEALTH_CASES, _of_health)
