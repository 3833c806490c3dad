"""What a school year costs offline: `aanwezig classify` beside a loop that only validates the same lines.

    python bench/classify.py [--sizes 1000,4000] [--marks 1000]       (--sizes 1000,19163: the pilot)

A year of a city is made line by line: so many pupils at schools of 800, each with an enrolment, a birth date and so many
marks (five lessons a day, 40 weeks with holidays between; three in a hundred absent, one late). Each size runs in a process
of its own. For every pupil in turn its lines go through `examine` alone, and then through `Facts.take`, the code of the
command; at the end all findings are computed. So both meet the same lines in the same run, in the same state of the machine.

Printed per size: marks a second of CPU, the cost as a multiple of validating, memory beyond the start of the process, and how
the cost of a mark compares with the first size (1.00: the whole is linear), also measured in validated lines, because the
machine may have got slower in between. Then what one more mark of one pupil costs in June beside September: the question
whether it may change anything, and for an absent or late mark the evaluation, with all that the service asks of the law then.

Not measured: reading a file from a disk, writing the findings. The size of the pilot, 19,163 pupils, needs some 12 GiB.
"""

import argparse
import gc
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from os import getloadavg
from random import Random
from statistics import median

import orjson

from aanwezig.cli.offline import Facts
from aanwezig.contracts.facts import MarkRecorded, Word
from aanwezig.contracts.identifiers import school_source
from aanwezig.contracts.submissions import examine
from aanwezig.law import packs
from aanwezig.law.attention import UNKNOWN_PUPIL, attentive, may_change, noted
from aanwezig.law.calendar import CalendarBook, Calendars
from aanwezig.law.classify import classify
from aanwezig.law.difference import difference
from aanwezig.law.distance import distances
from aanwezig.law.packs import OnePack
from aanwezig.law.remembered import Remembered
from aanwezig.law.standing import Standing

FIRST_DAY = date(2024, 8, 26)
HOLIDAYS = (
    (date(2024, 10, 28), date(2024, 11, 1)), (date(2024, 12, 23), date(2025, 1, 3)), (date(2025, 2, 24), date(2025, 2, 28)),
    (date(2025, 4, 28), date(2025, 5, 2)),
)  # fmt: skip
PUPILS_A_SCHOOL, LESSONS = 800, 5
PUPILS_ASKED = 60
"""Of so many the cost of one more mark is measured."""
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
    source = school_source(school[:4], "bench")
    days = lesson_days()
    day = next(days)
    for place in range(marks):
        lesson = place % LESSONS + 1
        if place and lesson == 1:
            day = next(days)
        chance = random.random()
        state = "absent" if chance < 0.03 else "late" if chance < 0.04 else "present"
        authorised = f',"authorised":{"true" if chance < 0.01 else "false"}' if state == "absent" else ""
        # Written as text: making the lines shall not take longer than reading them.
        lines.append(
            f'{{"specversion":"1.0","id":"{number}-{place}","source":"{source}","type":"nl.attendance.mark-recorded.v1",'
            f'"time":"{day}T{9 + lesson:02}:00:00Z","data":{{"pupil":{{"local":"p{number}"}},"school":"{school}",'
            f'"date":"{day}","slot":"lesson-{lesson}","minutes":50,"state":"{state}"{authorised}}}}}'.encode()
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
    """Microseconds for one more mark of a pupil in September and in June: of a present one, and of an absent or late one.

    The pupils live their year as in the service, where every mark is asked about and what may change anything is evaluated.
    Both times of the year are measured in turn, pupil by pupil; medians over the pupils are given.
    """
    early, late = 160, marks
    costs: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(PUPILS_ASKED):
        words = [_word(line, f"p{number}") for line in a_pupil(number, marks)]
        book = CalendarBook()
        book.apply(_word(a_calendar(_school_of(words)), None))
        for until in (early, late):
            for state, cost in _last_hundred(words[:until], book.calendars):
                costs[state, until].append(cost * 1e6)
    return {
        state: (median(costs[state, early]), median(costs[state, late])) for state in ("present", "absent")
    }


def _last_hundred(words: list[Word], calendars: Calendars) -> Iterator[tuple[str, float]]:
    """What each of the last hundred marks cost: the question whether it may change anything, or the whole evaluation."""
    governance = OnePack(PACK)
    standing = Standing.of(words[:-110])
    standing.remembered = Remembered()
    attention = UNKNOWN_PUPIL
    said: dict[str, tuple[int, str, bool]] = {}
    for place, word in enumerate(words[-110:], start=-110):
        fact = word.fact
        if not isinstance(fact, MarkRecorded):
            continue
        start = time.process_time()
        asked = may_change(attention, word)
        middle = time.process_time()
        standing.apply(word)
        if place == -110 or asked:
            begin = time.process_time()
            found = classify(standing, calendars=calendars, governance=governance, as_of=fact.date)
            away = distances(standing, calendars=calendars, governance=governance, as_of=fact.date)
            changes = difference(said, found, standing.remembered)
            attention = attentive(
                standing, found, calendars=calendars, governance=governance, as_of=fact.date
            )
            sum(len(distance.leaves) for distance in away)
            spent = time.process_time() - begin
            said |= {change.finding_id: (1, change.content_hash, True) for change in changes}
            if place >= -100 and fact.state != "present":
                yield "absent", spent
        elif place >= -100 and fact.state == "present":
            attention = noted(attention, word)
            yield "present", middle - start


def _word(line: bytes, pupil: str | None) -> Word:
    said = examine(line)
    if isinstance(said, list):
        raise SystemExit(f"a line of the benchmark is refused: {said}")
    return said.word(pupil)


def _school_of(words: list[Word]) -> str:
    return next(word.fact.school for word in words if isinstance(word.fact, MarkRecorded))


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
    first: dict[str, float] = {}
    for size in map(int, chosen.sizes.split(",")):
        argv = [sys.executable, __file__, "--alone", str(size), "--marks", str(chosen.marks)]
        said = orjson.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
        report(said, first or said)
        first = first or said
    for state, (early, late) in one_more(chosen.marks).items():
        asked = "whether it may change anything" if state == "present" else "the whole evaluation"
        print(
            f"one more {state} mark ({asked}): June costs {late / early:.2f} of September ({early:.1f}, {late:.1f} microseconds)"
        )


def report(said: Mapping[str, float], first: Mapping[str, float]) -> None:
    """One size, beside the first."""
    whole = said["taking"] + said["finding"]
    # How much slower the machine is now than at the first size shows in validating, which keeps nothing.
    slower = (said["validating"] / said["marks"]) / (first["validating"] / first["marks"])
    growth = (whole / said["marks"]) / ((first["taking"] + first["finding"]) / first["marks"])
    print(
        f"{said['pupils']:.0f} pupils, {said['marks']:.0f} marks, {said['findings']:.0f} findings (load {getloadavg()[0]:.0f}):"
        f" {said['marks'] / whole:,.0f} marks a second of CPU, {whole / said['validating']:.2f} times validating them"
        f" ({said['taking'] / said['validating']:.2f} taking in, {said['finding'] / said['validating']:.2f} finding),"
        f" {said['mebibytes']:,.0f} MiB, {said['mebibytes'] * 1024 / said['marks']:.2f} KiB a mark; a mark costs {growth:.2f}"
        f" of the first size, {growth / slower:.2f} measured in validated lines"
    )


if __name__ == "__main__":
    main()
