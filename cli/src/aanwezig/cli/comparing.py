"""Three counts of one year side by side: what the services say, what `classify` says, what the region knows to be true."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.findings import Finding, finding_data
from aanwezig.contracts.identifiers import crossed, keyed_hash
from aanwezig.contracts.topics import FINDING_EVENTS, Domain
from aanwezig.region import StandingFinding, Truth
from aanwezig.region.truth import COUNTED_KINDS

_ONLY_A_NUMBER: Final = ("authorised", "on-leave", "exempt")
_NOT_COMPARED: Final = frozenset({"revision", "municipality"})
"""How often it was said, and what only a register of schools can tell."""


class Crossing:
    """What the services do to names and ids on the road, under the keys of one stack."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._school = bytes.fromhex(keys["pseudonym_key"])
        self._chain = bytes.fromhex(keys["chain_key"])

    def pupil(self, text: str) -> str:
        """A pupil's pseudonym in the chain, from `PupilRef.text`."""
        pseudonym = keyed_hash(self._school, "school", text)
        return crossed(pseudonym, Domain.CHAIN, self._chain)

    def finding(self, text: str, finding: Finding) -> dict[str, Any]:
        """An offline finding as the chain should see it (`contract.md` 4)."""
        pupil = self.pupil(text)
        totals = Counter(row.reason for row in finding.not_counted if row.reason in _ONLY_A_NUMBER)
        there = replace(
            finding,
            pupil=pupil,
            about=None if finding.about is None else replace(finding.about, pupil=pupil),
            counted=tuple(replace(row, fact=self._fact(row.fact)) for row in finding.counted),
            not_counted=tuple(
                replace(row, fact=self._fact(row.fact))
                for row in finding.not_counted
                if row.reason not in totals
            ),
            contradictions=tuple(
                replace(row, stands=self._fact(row.stands), against=self._fact(row.against))
                for row in finding.contradictions
            ),
        )
        said = finding_data(there, revision=1, pupil=pupil)
        said["not_counted"] += [
            {"reason": reason, "count": totals[reason]} for reason in _ONLY_A_NUMBER if totals[reason]
        ]
        return said

    def _fact(self, event_id: str) -> str:
        return keyed_hash(self._chain, "fact", event_id)


def live_findings(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """The findings that stand on `chain.findings.v1`: per finding its last revision, withdrawn ones left out."""
    last: dict[str, Event] = {}
    for event in events:
        if event.name not in FINDING_EVENTS:
            continue
        before = last.get(event.data["finding"])
        if before is None or before.data["revision"] <= event.data["revision"]:
            last[event.data["finding"]] = event
    return {name: event.data for name, event in last.items() if event.name != "finding-withdrawn"}


def live_against_offline(
    live: Mapping[str, dict[str, Any]], offline: Mapping[str, dict[str, Any]]
) -> Iterator[str]:
    """Every difference between what the services say and what the law finds in the accepted facts, a line each."""
    for name in sorted(live.keys() | offline.keys()):
        here, there = live.get(name), offline.get(name)
        if here is None or there is None:
            told = here or there or {}
            yield f"{_named(told)}: only {'live' if there is None else 'by classify'}"
            continue
        fields = (here.keys() | there.keys()) - _NOT_COMPARED
        differing = sorted(field for field in fields if here.get(field) != there.get(field))
        if differing:
            shown = "; ".join(
                f"{field}: live {here.get(field)}, classify {there.get(field)}" for field in differing
            )
            yield f"{_named(here)}: {shown[:300]}"


def offline_against_truth(offline: Iterable[tuple[str, Finding]], truth: Truth) -> Iterator[str]:
    """Every difference between what the law finds and what the region counted itself, a line each, of the kinds it counts."""
    found = frozenset(
        StandingFinding(
            text, finding.school or "", finding.kind, finding.definition, finding.school_year, finding.ordinal,
            finding.at.isoformat(), str(finding.measured.value),
        )
        for text, finding in offline
        if finding.kind in COUNTED_KINDS
    )  # fmt: skip
    for one in sorted(found ^ truth.findings, key=str):
        who = "only by classify" if one in found else "only in the region's own count"
        yield f"{one.kind} {one.ordinal} at {one.school} on {one.at}, value {one.value}: {who}"


def receipts_against_truth(
    outcomes: Mapping[str, int], refused: Mapping[str, int], truth: Truth
) -> Iterator[str]:
    """Every difference between the receipts and what the region knows it sent, a line each."""
    pairs = (
        ("accepted", outcomes.get("accepted", 0), truth.accepted),
        ("duplicate", outcomes.get("duplicate", 0), truth.duplicates),
        *((f"refused as {code}", refused.get(code, 0), truth.refused.get(code, 0)) for code in sorted(
            set(refused) | set(truth.refused)
        )),
    )  # fmt: skip
    for what, counted, expected in pairs:
        if counted != expected:
            yield f"{what}: {counted} receipts, the region sent {expected}"


def rows_against_truth(rows: Mapping[str, set[str]], truth: Truth, crossing: Crossing) -> Iterator[str]:
    """Every routing row that should have answered for a pupil and did not, a line each. `rows` by chain pseudonym."""
    for name, expected in sorted(truth.cases_expected.items()):
        seen = rows.get(crossing.pupil(truth.characters[name]), set())
        missing = sorted(expected - seen)
        if missing:
            yield f"the pupil called {name}: {', '.join(missing)} never answered (did: {', '.join(sorted(seen)) or 'none'})"


def _named(said: Mapping[str, Any]) -> str:
    return f"{said.get('kind')} {said.get('ordinal')} at {said.get('school')} in {said.get('school_year')}"
