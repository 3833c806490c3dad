"""A crash between any two steps loses and doubles nothing: each step in turn is the last one before it."""

from itertools import count

import orjson
import pytest

from aanwezig.contracts.topics import CALENDARS, FACTS
from support.submitted import a_calendar_said, a_mark_said

pytestmark = pytest.mark.engines
TRACES = [f"00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333{number}-01" for number in range(3)]
CALLS = {"find", "insert_new", "replace_if", "update", "update_each", "count", "say"}


class Killed(BaseException):
    """What no handler catches: the process is gone."""


class Fuse:
    """Around a real collection or publisher: when so many calls are done the process is gone."""

    def __init__(self, left):
        self.left = left
        self.blown = False

    def around(self, part):
        return Fused(part, self)


class Fused:
    def __init__(self, part, fuse):
        self._part = part
        self._fuse = fuse

    def __getattr__(self, name):
        act = getattr(self._part, name)
        return self._then_killed(act) if name in CALLS else act

    def _then_killed(self, act):
        async def acting(*given, **named):
            done = await act(*given, **named)
            self._fuse.left -= 1
            if self._fuse.left == 0:
                self._fuse.blown = True
                raise Killed
            return done

        return acting


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
        await world.admit(*sent, admission=world.intake(fuse.around), trace=TRACES[0])
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
