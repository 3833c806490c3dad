"""What changed between the findings said before and those that stand now (`rules.md` 3, end)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from aanwezig.contracts.findings import Finding, Identity, finding_data
from aanwezig.law.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to say. `finding` is None where it is withdrawn; `content_hash` is then that of what stood."""

    what: Literal["raised", "amended", "withdrawn"]
    finding_id: str
    finding: Finding | None
    revision: int
    content_hash: str


def content_hash(finding: Finding) -> str:
    """32 hexadecimal characters of all a finding says, its revision excepted; the same in every process."""
    said = finding_data(finding, revision=0, pupil=finding.pupil)
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]


def difference(
    before: Mapping[str, tuple[int, str, bool]],
    after: Iterable[Finding],
    remembered: Remembered | None = None,
) -> list[Change]:
    """What to say so that what was said becomes what stands.

    Args:
        before: per finding id the revision said last, its content hash, and whether it stands.
        after: the findings that stand now.
        remembered: of the same pupil, so that what stays equal is not hashed again.

    Returns:
        Raised and amended in the order of `after`, then withdrawn by id. A finding that comes back is raised with the
        next revision; one that says the same is not mentioned.
    """
    changes = []
    hashes = {} if remembered is None else remembered.hashes
    now: dict[Identity, tuple[Finding, str, str]] = {}
    standing = set()
    for finding in after:
        known = hashes.get(finding.identity)
        if known is None or known[0] != finding:
            known = (finding, finding.id, content_hash(finding))
        now[finding.identity] = known
        _, identity, content = known
        standing.add(identity)
        if identity not in before:
            changes.append(Change("raised", identity, finding, 1, content))
            continue
        revision, said, stood = before[identity]
        if not stood:
            changes.append(Change("raised", identity, finding, revision + 1, content))
        elif said != content:
            changes.append(Change("amended", identity, finding, revision + 1, content))
    for identity in sorted(before):
        revision, said, stood = before[identity]
        if stood and identity not in standing:
            changes.append(Change("withdrawn", identity, None, revision + 1, said))
    if remembered is not None:
        remembered.hashes = now
    return changes
