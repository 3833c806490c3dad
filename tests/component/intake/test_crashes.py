"""A crash between any two steps loses and doubles nothing: each step in turn is the last one before it."""

from itertools import count

import orjson
import pytest

from aanwezig.contracts.topics import CALENDARS, FACTS
from aanwezig.intake.quarantine import Wanted
from support.crashing import Fuse, Killed
from support.submitted import a_calendar_said, a_mark_said

pytestmark = pytest.mark.engines
TRACES = [f"00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333{number}-01" for number in range(3)]


def rows(attempt):
    """Two pupils, an equal row twice, calendars of which the older comes last, and a bad row; ids of this attempt."""
    newer = a_calendar_said(id=f"{attempt}-new", time=f"2024-09-02T12:00:{attempt:02}Z")
    older = a_calendar_said(id=f"{attempt}-old", time=f"2024-09-01T12:00:{attempt:02}Z")
    mark = a_mark_said(id=f"{attempt}-1")
    return [
        mark,
        a_mark_said(id=f"{attempt}-2", number="111222333"),
        mark,
        newer,
        older,
        a_mark_said(id=f"{attempt}-bad", minutes=900),
    ]


def said_under(records):
    said = {}
    for record in records:
        said.setdefault(orjson.loads(record.value)["id"], set()).add(record.value)
    return said


async def crashed(world, sent, step):
    """Admits and is killed after so many steps; whether it was."""
    fuse = Fuse(step)
    try:
        await world.admit(*sent, admission=world.intake(fuse.around), trace=TRACES[0], file="f", first=1)
    except Killed:
        return True
    return fuse.blown


async def test_killed_after_any_step_and_sent_again_each_row_has_its_effect_once(world):
    attempts = 0
    for attempts in count(1):
        sent = rows(attempts)
        if not await crashed(world, sent, attempts):
            break
        told = await world.outcomes(*sent, trace=TRACES[1])
        assert told[5] == "refused"
        assert set(told[:5]) <= {"accepted", "duplicate"}
        assert await world.outcomes(*sent, trace=TRACES[2]) == ["duplicate"] * 5 + ["refused"]
    assert attempts > 10, "every step of an admission was the last one once"

    facts = said_under(await world.topics.of(FACTS.name))
    assert set(facts) == {f"{attempt}-{row}" for attempt in range(1, attempts + 1) for row in (1, 2)}
    calendars = await world.topics.of(CALENDARS.name)
    told_calendars = said_under(calendars)
    assert set(told_calendars) == {
        f"{one}-{word}" for one in range(1, attempts + 1) for word in ("new", "old")
    }
    assert {id_: contents for id_, contents in (facts | told_calendars).items() if len(contents) > 1} == {}
    assert orjson.loads(calendars[-1].value)["id"] == f"{attempts}-new"
    assert await world.collection("identities").count({}) == 2
    assert await world.collection("quarantine").count({}) == attempts
    assert await world.collection("reservations").count({"done": False}) == 0


async def test_a_killed_instance_that_said_a_late_calendar_is_mended_by_the_next_start(world):
    newer, older = rows(1)[3:5]
    await world.admit(newer)
    steps = 0
    for steps in count(1):
        if [record.value for record in await world.topics.of(CALENDARS.name)][1:]:
            break
        await crashed(world, [older], steps)
    assert steps > 1
    last = (await world.topics.of(CALENDARS.name))[-1]
    assert orjson.loads(last.value)["id"] == "1-old"
    world.intake()
    await world.calendars.start()
    last = (await world.topics.of(CALENDARS.name))[-1]
    assert orjson.loads(last.value)["id"] == "1-new"


async def standing(world, file):
    """Of each row of the file whether it is in, and what may be done about it in the quarantine."""
    system = world.senders.by_key("key-1")
    page = await world.lookup.by_file(system, file, only_refused=False, after=None, limit=100)
    return [] if page is None else [(one.receipt.outcome, one.entry is not None) for one in page.receipts]


async def test_a_receipt_is_kept_before_it_is_given_and_sent_again_the_file_is_told_the_same(world):
    attempts = 0
    for attempts in count(1):
        file = f"file-{attempts}"
        sent = [a_mark_said(id=f"{attempts}-1"), a_mark_said(id=f"{attempts}-bad", minutes=900)]
        fuse = Fuse(attempts)
        try:
            await world.admit(*sent, admission=world.intake(fuse.around), file=file)
        except Killed:
            # What was kept is all or nothing, and what it says of a row is true.
            assert await standing(world, file) in ([], [("accepted", False), ("refused", True)])
        if not fuse.blown:
            break
        told = await world.outcomes(*sent, file=file, later=1)
        assert told[1] == "refused"
        assert await standing(world, file) == [("accepted", False), ("refused", True)]
    assert attempts > 8, "every step was the last one once"
    assert await world.collection("quarantine").count({"open": True}) == attempts


@pytest.mark.parametrize("new_id", [False, True])
async def test_a_correction_that_was_killed_after_any_step_is_finished_by_the_same_correction(world, new_id):
    attempts = 0
    for attempts in count(1):
        bad = a_mark_said(id=f"{attempts}", minutes=900)
        await world.admit(bad, file=f"file-{attempts}")
        (entry,) = await world.quarantine.entries("test", Wanted(), 100)
        corrected = a_mark_said(id=f"{attempts}-new" if new_id else f"{attempts}")
        fuse = Fuse(attempts)
        try:
            await world.readmit(entry.id, corrected, admission=world.intake(fuse.around), trace=TRACES[0])
        except Killed:
            receipt = await world.readmit(entry.id, corrected, trace=TRACES[1])
            assert receipt.outcome in {"accepted", "duplicate"}
        was_killed = fuse.blown
        world.intake()
        assert await world.quarantine.entries("test", Wanted(), 100) == []
        assert await standing(world, f"file-{attempts}") == [("accepted", False)]
        if not was_killed:
            break
    assert attempts > 5, "every step was the last one once"
    facts = said_under(await world.topics.of(FACTS.name))
    assert len(facts) == attempts
    assert {id_: contents for id_, contents in facts.items() if len(contents) > 1} == {}
