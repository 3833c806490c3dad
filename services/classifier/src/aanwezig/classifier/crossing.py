"""From the school domain to the chain: what crosses, and under which names (design.md, *The rooms*; `contract.md` 4).

The pupil gets the chain's pseudonym, facts a keyed hash, findings an id derived from these. Rows that tell why a pupil was
rightly away become numbers. No reason of an absence is told.
"""

from collections import Counter
from dataclasses import replace
from typing import Any, Final

from aanwezig.contracts.findings import Finding, finding_data
from aanwezig.contracts.identifiers import crossed, keyed_hash
from aanwezig.contracts.topics import Domain

_ONLY_A_NUMBER: Final = ("authorised", "on-leave", "exempt")


class ToChain:
    """The crossing, under the chain's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def pupil(self, pseudonym: str) -> str:
        """The pupil's pseudonym in the chain."""
        return crossed(pseudonym, Domain.CHAIN, self._key)

    def fact(self, event_id: str) -> str:
        """A fact's id outside the school domain: a sender may have put anything into an id."""
        return keyed_hash(self._key, "fact", event_id)

    def finding(self, finding: Finding) -> dict[str, Any]:
        """The data of a finding as the chain may see it, revision 1."""
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
        )
        said = finding_data(carried, revision=1, pupil=pupil)
        said["not_counted"] += [
            {"reason": reason, "count": totals[reason]} for reason in _ONLY_A_NUMBER if totals[reason]
        ]
        return said
