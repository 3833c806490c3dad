"""What changed between the findings said before and those that stand now (`rules.md` 3, end)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from aanwezig.contracts.findings import Finding, finding_data


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


def difference(before: Mapping[str, tuple[int, str, bool]], after: Iterable[Finding]) -> list[Change]:
    """What to say so that what was said becomes what stands.

    Args:
        before: per finding id the revision said last, its content hash, and whether it stands.
        after: the findings that stand now.

    Returns:
        Raised and amended in the order of `after`, then withdrawn by id. A finding that comes back is raised with the
        next revision; one that says the same is not mentioned.
    """
    changes = []
    standing = set()
    for finding in after:
        identity = finding.id
        standing.add(identity)
        content = content_hash(finding)
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
    return changes
