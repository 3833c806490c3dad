"""Which faults in the rules does no test notice? `make mutants`; what was found is in docs/mutants.md.

Linux only. A whole run takes about an hour of processor time; `--only` and `--share` take less of it. Ends with 1 when a
mutant survives that the page does not explain.
"""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from driver import NOTICED, UNMADE, Driver, Verdict
from mutations import Mutant

from aanwezig.law import schoolyear

LAW = Path(schoolyear.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
_ROW = re.compile(
    r"\| (?P<file>[\w/]+\.py) \| (?P<where>[\w.]+) \| `(?P<was>.+?)` \| `(?P<becomes>.+?)` \| .+ \|"
)
JUDGES = [
    "tests/unit/law",
    "tests/unit/cli/test_verify_and_why.py",
    "tests/conformance/test_findings_verify.py",
]
RULES = (
    *sorted(f"kinds/{path.name}" for path in (LAW / "kinds").glob("*.py") if path.name != "__init__.py"),
    "absence.py", "asked.py", "attention.py", "calendar.py", "classify.py", "contradictions.py", "counting.py", "difference.py",
    "distance.py", "inquiry.py", "obligation.py", "ordinals.py", "pack.py", "presence.py", "schoolyear.py", "seen.py",
    "shares.py", "standing.py", "streaks.py", "verify.py",
)  # fmt: skip


def explained() -> set[tuple[str, ...]]:
    """The survivors the page names."""
    rows = (_ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {tuple(part.replace("\\|", "|") for part in row.groups()) for row in rows if row is not None}


def survivors(verdicts: Path) -> set[tuple[str, ...]]:
    """Those of an earlier run, by the file it wrote."""
    rows = (json.loads(line) for line in verdicts.read_text(encoding="utf-8").splitlines())
    return {tuple(row[:4]) for row in rows if row[5] not in {NOTICED, UNMADE}}


class Told:
    """Verdicts as they come: a line for each mutant nobody noticed, and one for each file."""

    def __init__(self, out: Path | None) -> None:
        self.verdicts: list[Verdict] = []
        self.known = explained()
        self.out = out

    def __call__(self, verdict: Verdict) -> None:
        """Takes in one verdict."""
        self.verdicts.append(verdict)
        mutant = verdict.mutant
        if self.out is not None:
            with self.out.open("a", encoding="utf-8") as out:
                row = [*mutant.name, mutant.lines.start, verdict.what, verdict.by]
                out.write(json.dumps(row) + "\n")
        if self.unexplained(verdict):
            said = (
                f"{mutant.file}:{mutant.lines.start} {mutant.where}: {mutant.was}\n    now {mutant.becomes}"
            )
            sys.stdout.write(f"{verdict.what}: {said}\n")
            sys.stdout.flush()

    def unexplained(self, verdict: Verdict) -> bool:
        """Whether nobody noticed it and nobody said why."""
        return verdict.what not in {NOTICED, UNMADE} and verdict.mutant.name not in self.known

    def summary(self) -> str:
        """Per file: mutants, noticed, explained, left."""
        lines = [f"{'':28}{'mutants':>9}{'noticed':>9}{'explained':>11}{'left':>6}"]
        files = dict.fromkeys(verdict.mutant.file for verdict in self.verdicts)
        for name in (*files, "all"):
            rows = [one for one in self.verdicts if name in {one.mutant.file, "all"} and one.what != UNMADE]
            count = Counter(one.what for one in rows)
            left = sum(map(self.unexplained, rows))
            known = len(rows) - count[NOTICED] - left
            lines.append(f"{name:28}{len(rows):9}{count[NOTICED]:9}{known:11}{left:6}")
        return "\n".join(lines)


def main() -> int:
    """Runs the mutants of the files asked for against the tests asked for."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--only", default=",".join(RULES), help="files of the law, with commas between")
    parser.add_argument("--share", type=int, default=1, help="take every so-many-th mutant of a file")
    parser.add_argument("--seconds", type=float, default=20.0, help="processor time for one mutant, at most")
    parser.add_argument("--again", type=Path, help="of the verdicts of an earlier run, those nobody noticed")
    parser.add_argument("--generated", action="store_true", help="ask the tests that make up examples too")
    parser.add_argument("--out", type=Path, help="a file for all verdicts, a line of JSON each")
    parser.add_argument("tests", nargs="*", default=JUDGES)
    given = parser.parse_args()
    told = Told(given.out)
    again = survivors(given.again) if given.again else None

    def wanted(number: int, mutant: Mutant) -> bool:
        return number % given.share == 0 and (again is None or mutant.name in again)

    driver = Driver(
        LAW, given.only.split(","), seconds=given.seconds, wanted=wanted, generated=given.generated, said=told
    )
    ended = pytest.main(["-p", "no:terminal", "-p", "no:cacheprovider", *given.tests], plugins=[driver])
    if ended != pytest.ExitCode.OK:
        return int(ended)
    sys.stdout.write(f"\n{driver.tests} tests\n{told.summary()}\n")
    return int(any(map(told.unexplained, told.verdicts)))


if __name__ == "__main__":
    sys.exit(main())
