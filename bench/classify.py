"""What a school year costs offline: `aanwezig classify` beside a loop that only validates the same lines.

    python bench/classify.py [--sizes 1000,4000] [--marks 1000]

A year of a city is made line by line: so many pupils at schools of 800, each with an enrolment, a birth date and so many
marks (five lessons a day, 40 weeks with holidays between; three in a hundred absent, one late). Each size runs in a process
of its own. For every pupil in turn its lines go through `examine` alone, and then through `Facts.take`, the code of the
command; at the end all findings are computed. So both meet the same lines in the same run, in the same state of the machine.

Printed per size: marks a second of CPU, the cost as a multiple of validating, memory beyond the start of the process; and
between sizes how the cost of a mark grew (1.00: the whole is linear). Then what one more mark of one pupil costs in June
beside September: taking it in, the question whether it may change anything, and the evaluation where it may.

Not measured: reading a file from a disk, writing the findings. The size of the pilot, 19,163 pupils, needs some 12 GiB.
"""

import argparse
import gc
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

import orjson

from aanwezig.cli.offline import Facts
from aanwezig.contracts.facts import MarkRecorded, Word
from aanwezig.contracts.identifiers import school_source
from aanwezig.contracts.submissions import examine
from aanwezig.law import packs
from aanwezig.law.attention import attentive, may_change
from aanwezig.law.calendar import Calendars
from aanwezig.law.classify import classify
from aanwezig.law.packs import OnePack
from aanwezig.law.standing import Standing

FIRST_DAY = date(2024, 8, 26)
HOLIDAYS = (
    (date(2024, 10, 28), date(2024, 11, 1)), (date(2024, 12, 23), date(2025, 1, 3)), (date(2025, 2, 24), date(2025, 2, 28)),
    (date(2025, 4, 28), date(2025, 5, 2)),
)  # fmt: skip
PUPILS_A_SCHOOL, LESSONS = 800, 5
PACK = packs.load("nl-2024")
AS_OF = date(2025, 7, 31)


def lesson_days() -> Iterator[date]:
    day = FIRST_DAY
    while True:
        if day.isoweekday() <= 5 and not any(first <= day <= last for first, last in HOLIDAYS):
            yield day
        day += timedelta(days=1)


def event(name: str, school: str, number: str, moment: str, data: Mapping[str, object]) -> bytes:
    return orjson.dumps({
        "specversion": "1.0", "id": number, "source": school_source(school[:4], "bench"),
        "type": f"nl.attendance.{name}.v1", "time": moment, "data": data,
    })  # fmt: skip


def a_calendar(school: str) -> bytes:
    data = {
        "school": school, "from": "2024-08-01", "until": "2025-07-31", "weekdays": [1, 2, 3, 4, 5],
        "holidays": [{"from": first.isoformat(), "until": last.isoformat()} for first, last in HOLIDAYS],
    }  # fmt: skip
    return event("calendar-recorded", school, f"calendar-{school}", "2024-08-01T08:00:00Z", data)


def a_pupil(number: int, marks: int) -> list[bytes]:
    """The lines of one pupil's year."""
    random = Random(number)
    school = f"{10 + number // PUPILS_A_SCHOOL // 10:02}BX{number // PUPILS_A_SCHOOL % 10:02}"
    pupil = {"local": f"p{number}"}
    told = "2024-08-20T08:00:00Z"
    enrolled = {"pupil": pupil, "school": school, "from": "2024-08-01", "school_type": "vo"}
    lines = [
        event("enrolment-recorded", school, f"{number}-e", told, enrolled),
        event("person-recorded", school, f"{number}-b", told, {"pupil": pupil, "birth_date": "2010-03-15"}),
    ]
    days = lesson_days()
    day = next(days)
    for place in range(marks):
        lesson = place % LESSONS + 1
        if place and lesson == 1:
            day = next(days)
        chance = random.random()
        state = "absent" if chance < 0.03 else "late" if chance < 0.04 else "present"
        data = {
            "pupil": pupil, "school": school, "date": day.isoformat(), "slot": f"lesson-{lesson}", "minutes": 50,
            "state": state,
        }  # fmt: skip
        if state == "absent":
            data["authorised"] = chance < 0.01
        lines.append(
            event(
                "mark-recorded",
                school,
                f"{number}-{place}",
                f"{day.isoformat()}T{9 + lesson:02}:00:00Z",
                data,
            )
        )
    return lines


def run(pupils: int, marks: int) -> dict[str, float]:
    """One size, in this process; CPU seconds and MiB."""
    gc.disable()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    facts = Facts()
    validating = taking = 0.0
    for number in range(pupils):
        lines = a_pupil(number, marks)
        if number % PUPILS_A_SCHOOL == 0:
            school = orjson.loads(lines[0])["data"]["school"]
            facts.take(a_calendar(school))
        start = time.process_time()
        for line in lines:
            examine(line)
        middle = time.process_time()
        for line in lines:
            facts.take(line)
        taking += time.process_time() - middle
        validating += middle - start
    start = time.process_time()
    found = len(facts.findings(PACK, AS_OF))
    finding = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "pupils": pupils, "marks": pupils * marks, "findings": found, "validating": validating, "taking": taking,
        "finding": finding, "mebibytes": peak / 1024,
    }  # fmt: skip


def one_more(marks: int) -> dict[str, tuple[float, float]]:
    """Microseconds for one more mark of a pupil in September and in June: of a present one, and of an absent one."""
    words = []
    for line in a_pupil(7, marks):
        said = examine(line)
        if isinstance(said, list):
            raise SystemExit(f"a line of the benchmark is refused: {said}")
        words.append(said.word("p7"))
    early, late = words[60:160], words[-100:]
    present, absent = zip(_costs(words[:60], early), _costs(words[:-100], late), strict=True)
    return {"present": present, "absent": absent}


def _costs(before: list[Word], following: list[Word]) -> tuple[float, float]:
    """What the question and the evaluation cost, after these words, over the ones that follow."""
    governance, calendars = OnePack(PACK), Calendars()
    standing = Standing.of(before)
    day = max(word.fact.date for word in before if isinstance(word.fact, MarkRecorded))
    found = classify(standing, calendars=calendars, governance=governance, as_of=day)
    attention = attentive(standing, found, calendars=calendars, governance=governance, as_of=day)
    present = [
        word for word in following if isinstance(word.fact, MarkRecorded) and word.fact.state == "present"
    ]
    times = 200
    start = time.process_time()
    for _ in range(times):
        for word in present:
            may_change(attention, word)
    asked = (time.process_time() - start) / times / len(present) * 1e6
    start = time.process_time()
    for _ in range(times):
        classify(standing, calendars=calendars, governance=governance, as_of=day)
    return asked, (time.process_time() - start) / times * 1e6


def main() -> None:
    """Runs the sizes and prints."""
    parser = argparse.ArgumentParser(
        description="Classify school years offline, beside a loop that only validates."
    )
    parser.add_argument("--sizes", default="1000,4000")
    parser.add_argument("--marks", type=int, default=1000)
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.alone is not None:
        print(orjson.dumps(run(chosen.alone, chosen.marks)).decode())
        return
    before = None
    for size in map(int, chosen.sizes.split(",")):
        argv = [sys.executable, __file__, "--alone", str(size), "--marks", str(chosen.marks)]
        said = orjson.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
        whole = said["taking"] + said["finding"]
        cost = whole / said["marks"]
        growth = "" if before is None else f", a mark costs {cost / before:.2f} of the size before"
        print(
            f"{size} pupils, {said['marks']} marks, {said['findings']} findings: {said['marks'] / whole:,.0f} marks a second of"
            f" CPU, {whole / said['validating']:.2f} times validating them ({said['taking'] / said['validating']:.2f} taking in,"
            f" {said['finding'] / said['validating']:.2f} finding), {said['mebibytes']:,.0f} MiB{growth}"
        )
        before = cost
    for state, (early, late) in one_more(chosen.marks).items():
        asked = "whether it may change anything" if state == "present" else "the whole evaluation"
        print(
            f"one more {state} mark ({asked}): June costs {late / early:.2f} of September ({early:.1f}, {late:.1f} microseconds)"
        )


if __name__ == "__main__":
    main()
