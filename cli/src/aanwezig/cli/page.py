"""The page of plain words at the end of a demo."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aanwezig.cli.officer import CaseSeen
from aanwezig.cli.year import Receipts
from aanwezig.contracts.envelope import Event


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a demo has to tell. `differences` is empty when all counts agree."""

    receipts: Receipts
    seconds: float
    findings: Iterable[Mapping[str, Any]]
    cases: Iterable[CaseSeen]
    notices: Iterable[Event]
    refused_commands: int
    webhooks: int
    lag: int
    parked: int
    differences: list[str]


def page(outcome: Outcome) -> list[str]:
    """The page, line by line."""
    receipts = outcome.receipts
    facts = receipts.outcomes.total()
    rate = facts / outcome.seconds if outcome.seconds else 0.0
    findings = list(outcome.findings)
    notices = list(outcome.notices)
    cases = list(outcome.cases)
    return [
        "",
        "What happened in one school year",
        "",
        f"Facts taken in: {receipts.outcomes['accepted']:,}, of {facts:,} submitted.",
        f"Duplicates, noticed and dropped: {receipts.outcomes['duplicate']:,}.",
        f"Refused and kept in quarantine: {receipts.outcomes['refused']:,}.",
        *(f"  {count:>4} x {code}: {receipts.why[code]}" for code, count in receipts.refused.most_common()),
        "",
        f"Findings that stand at the end: {len(findings):,}.",
        *_counted(str(finding["kind"]) for finding in findings),
        "",
        f"Cases: {len(cases):,}, by the track they are on.",
        *_counted(_place(case) for case in cases),
        "",
        f"Notices: {len(notices):,}, by recipient.",
        *_counted(_told(event) for event in notices),
        f"  Of these the chain director's came by webhook: {outcome.webhooks:,}, signed, each once.",
        *(
            [f"Commands of the officer that were refused: {outcome.refused_commands}."]
            if outcome.refused_commands
            else []
        ),
        "",
        f"Lag {outcome.lag}, parked {outcome.parked}, {rate:,.0f} facts per second over {outcome.seconds:.0f} seconds.",
    ]


def agreement(differences: list[str], most: int = 12) -> list[str]:
    """Whether the three counts agree, and where they do not."""
    if not differences:
        return [
            "The services, `aanwezig classify` over the accepted facts, and the region's own count agree in every finding."
        ]
    shown = [f"  {line}" for line in differences[:most]]
    rest = [f"  and {len(differences) - most} more"] if len(differences) > most else []
    return [f"The counts differ in {len(differences)} places:", *shown, *rest]


def _counted(words: Iterable[str]) -> list[str]:
    return [f"  {count:>6,}  {word}" for word, count in sorted(Counter(words).items())]


def _place(case: CaseSeen) -> str:
    return f"{case.track or 'no track yet'}, {case.status}"


def _told(event: Event) -> str:
    recipient = event.data["recipient"]
    failed = ", not delivered" if event.name == "notice-failed" else ""
    return f"{recipient['role']} ({recipient['organisation']}): {event.data['subject']}{failed}"
