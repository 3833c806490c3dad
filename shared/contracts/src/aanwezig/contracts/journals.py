"""The journal of a case as it is published: numbered lines in a chain of hashes, of which the case is the sum (ADR 9).

A line is a JSON object with at least `number` (from 1), `revision` (the case's after it), `changed` (fields of the case with
their new values), `previous` (the hash of the line before, for the first `ORIGIN`) and `hash`: SHA-256 over the line
without `hash`, as JSON with sorted keys and no white space, in UTF-8. Whoever holds the lines can check and add them up.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

ORIGIN: Final = "0" * 64
"""What the first line names as the line before it."""

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where a journal stops being true: the number of the line (0: the whole), and a word for what is wrong.

    `number`, `previous`, `hash`, `revision`: of that line. `state`: the case as stored is not the sum of the lines;
    `witness`: an event told another hash of this line. `about` names the field, or the event.
    """

    line: int
    what: str
    about: str = ""


def hash_of(line: Line) -> str:
    """The hash a line must carry."""
    said = {name: value for name, value in line.items() if name != "hash"}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def folded(lines: Iterable[Line]) -> dict[str, Any]:
    """The fields of the case that these lines add up to, `revision` among them; empty for no lines."""
    state: dict[str, Any] = {}
    for line in lines:
        state.update(line["changed"])
        state["revision"] = line["revision"]
    return state


def first_disagreement(
    lines: Sequence[Line], stored: Line | None = None, witnessed: Mapping[int, str] | None = None
) -> Disagreement | None:
    """The first thing that is wrong with a journal; None where everything agrees.

    `stored`: the fields of the case as they are kept, without its journal. `witnessed`: per revision, the hash that an
    event of the case told; of the lines with one revision the first is the one that was said.
    """
    wrong = _in_the_chain(lines) or _against_the_witness(lines, witnessed or {})
    if wrong is None and stored is not None:
        sum_of_lines = folded(lines)
        for name in sorted({*sum_of_lines, *stored}):
            if name not in sum_of_lines or name not in stored or sum_of_lines[name] != stored[name]:
                return Disagreement(0, "state", name)
    return wrong


def _in_the_chain(lines: Sequence[Line]) -> Disagreement | None:
    before, revision = ORIGIN, 0
    for number, line in enumerate(lines, 1):
        if line["number"] != number:
            return Disagreement(number, "number")
        if line["previous"] != before:
            return Disagreement(number, "previous")
        if line["hash"] != hash_of(line):
            return Disagreement(number, "hash")
        if not revision <= line["revision"] <= revision + 1:
            return Disagreement(number, "revision")
        before, revision = line["hash"], line["revision"]
    return None


def _against_the_witness(lines: Sequence[Line], witnessed: Mapping[int, str]) -> Disagreement | None:
    first: dict[int, Line] = {}
    for line in lines:
        first.setdefault(line["revision"], line)
    for revision, told in sorted(witnessed.items()):
        said = first.get(revision)
        if said is None or said["hash"] != told:
            return Disagreement(0 if said is None else said["number"], "witness", str(revision))
    return None
