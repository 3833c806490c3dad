"""Who may speak of whom, through the whole of admission and on the real database: races, retries, crashes."""

import asyncio
from contextlib import suppress
from itertools import count

import orjson
import pytest

from aanwezig.contracts.identifiers import is_personal_number, keyed_hash, school_source
from aanwezig.contracts.topics import FACTS
from support.crashing import Fuse, Killed
from support.submitted import MUNICIPALITY_SOURCE, a_mark_said, a_system_event, said

pytestmark = pytest.mark.engines
THEIR_SOURCE, THEIR_SCHOOL = school_source("16QW"), "16QW01"
NUMBERS = [text for number in range(300_000_000, 300_004_000) if is_personal_number(text := f"{number}")]
OURS, THEIRS = "key-1", "key-16QW"


@pytest.fixture
async def schools(world):
    """The world with a second school's system in it."""
    event = a_system_event("theirs", keys=(THEIRS,), schools=(THEIR_SCHOOL,), source=THEIR_SOURCE)
    await world.senders.on_change("system/theirs", event)
    return world


def their_mark(**how):
    return a_mark_said(**{"source": THEIR_SOURCE, "school": THEIR_SCHOOL, **how})


def an_enrolment(number=NUMBERS[0], *, source=THEIR_SOURCE, school=THEIR_SCHOOL, id="enrolment"):  # noqa: A002
    data = {"pupil": {"number": number}, "school": school, "school_type": "vo", "from": "2024-08-01"}
    return said("enrolment-recorded", data, source=source, id=id)


def a_residence(number):
    data = {
        "pupil": {"number": number},
        "birth_date": "2010-01-01",
        "municipality": "0637",
        "resident_from": "2010-01-01",
    }
    return said("person-recorded", data, source=MUNICIPALITY_SOURCE, id=f"home-{number}")  # fmt: skip


async def test_a_refused_row_waits_in_quarantine_and_is_accepted_under_its_id_after_the_enrolment(schools):
    ours, theirs = a_mark_said(number=NUMBERS[0]), their_mark(number=NUMBERS[0])
    assert await schools.outcomes(ours) == ["accepted"]
    (refused,) = await schools.admit(theirs, key=THEIRS)
    assert [(error.field, error.code.value) for error in refused.errors] == [("pupil", "pupil-not-yours")]
    assert await schools.collection("quarantine").count({"open": True}) == 1
    assert await schools.collection("reservations").count({}) == 1, "the refused row's id is free"
    corrected = theirs | {"time": "2024-09-02T15:00:00Z"}
    assert await schools.outcomes(an_enrolment(), corrected, key=THEIRS) == ["accepted", "accepted"]
    assert await schools.collection("quarantine").count({"open": True}) == 0
    (late,) = await schools.admit(a_mark_said(number=NUMBERS[0], id="2", slot="lesson-2"))
    assert late.outcome == "refused"
    assert await schools.outcomes(ours) == ["duplicate"], "what was accepted stays so"
    facts = [orjson.loads(record.value)["id"] for record in await schools.topics.of(FACTS.name)]
    assert facts == ["row-1", "enrolment", "row-1"]


async def test_of_two_schools_that_speak_first_at_one_moment_one_is_the_only_one(schools):
    numbers = NUMBERS[:40]
    await schools.outcomes(*(a_residence(number) for number in numbers[::2]), key="key-0637")
    ours = [a_mark_said(number=number, id=f"{number}") for number in numbers]
    theirs = [their_mark(number=number, id=f"{number}") for number in numbers]
    mine, other = await asyncio.gather(schools.outcomes(*ours), schools.outcomes(*theirs, key=THEIRS))
    assert [sorted(pair) for pair in zip(mine, other, strict=True)] == [["accepted", "refused"]] * 40
    for notes in await schools.collection("pupils").find({}):
        assert len(notes["senders"]) == 1
        assert len(notes["schools"]) == 1


async def test_no_note_holds_what_a_sender_wrote(schools):
    row = an_enrolment(id=f"enrolment-{NUMBERS[0]}")
    leave = {
        "pupil": {"number": NUMBERS[0]},
        "school": THEIR_SCHOOL,
        "ground": "11g",
        "from": "2024-10-01",
        "until": "2024-10-01",
    }
    officer = said("leave-granted", leave | {"decided_by": "officer"}, source=MUNICIPALITY_SOURCE, id=NUMBERS[0])  # fmt: skip
    assert await schools.outcomes(row, key=THEIRS) == ["accepted"]
    assert await schools.outcomes(officer, key="key-0637") == ["accepted"]
    head = said("leave-granted", leave | {"decided_by": "head"}, source=THEIR_SOURCE, id="head")
    (refused,) = await schools.admit(head, key=THEIRS)
    assert [(error.field, error.code.value) for error in refused.errors] == [("from", "leave-of-officer")]
    for name in ("pupils", "leaves"):
        (document,) = await schools.collection(name).find({})
        assert NUMBERS[0] not in repr(document)


async def test_killed_after_any_step_a_transfer_that_is_sent_again_ends_the_same(schools):
    steps = 0
    for steps in count(1):
        number = NUMBERS[100 + steps]
        assert await schools.outcomes(a_mark_said(number=number, id=f"{steps}-ours")) == ["accepted"]
        rows = [their_mark(number=number, id=f"{steps}-mark"), an_enrolment(number, id=f"{steps}-enrolment")]
        fuse = Fuse(steps)
        with suppress(Killed):
            await schools.admit(*rows, key=THEIRS, admission=schools.intake(fuse.around))
        if not fuse.blown:
            break
        assert set(await schools.outcomes(*rows, key=THEIRS)) <= {"accepted", "duplicate"}
        assert await schools.outcomes(*rows, key=THEIRS) == ["duplicate"] * 2
        assert await schools.outcomes(a_mark_said(number=number, id=f"{steps}-late")) == ["refused"]
        notes = await schools.rights.of([keyed_hash(schools.key, "school", f"number:{number}")])
        (known,) = notes.values()
        assert known.senders == ("000000070000000025PL", "000000070000000016QW")
        assert known.enrolled_at(THEIR_SCHOOL.__eq__)
    assert steps > 6, "every step of an admission was the last one once"
    assert await schools.collection("reservations").count({"done": False}) == 0


async def test_killed_while_it_claims_to_be_the_first_a_school_is_so_at_its_retry(schools):
    for steps in count(1):
        number = NUMBERS[200 + steps]
        await schools.outcomes(a_residence(number), key="key-0637")
        row, fuse = a_mark_said(number=number, id=f"{steps}"), Fuse(steps)
        with suppress(Killed):
            await schools.admit(row, admission=schools.intake(fuse.around))
        if not fuse.blown:
            break
        assert set(await schools.outcomes(row)) <= {"accepted", "duplicate"}
        assert await schools.outcomes(their_mark(number=number, id=f"{steps}"), key=THEIRS) == ["refused"]
    assert steps > 6, "every step of an admission was the last one once"
