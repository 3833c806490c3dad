"""However facts are batched, and however often they come again, the same is said; at the end it is what the law says."""

import asyncio
import json
from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.publishing import Outgoing
from aanwezig.contracts.envelope import event_from
from aanwezig.contracts.facts import Word
from aanwezig.contracts.submissions import Submission, examine
from aanwezig.law.classify import classify
from aanwezig.law.standing import Standing
from support.classifying import (
    WAYS,
    RecordingPublisher,
    Topic,
    a_classifier,
    a_store,
    calendars_of,
    contents,
    standing,
)
from support.law import NL_2024, about_calendar
from support.memory import Faults
from support.streams import streams

pytestmark = [pytest.mark.engines, pytest.mark.slow]
FEW = settings(
    max_examples=5, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
THE_END = date(2035, 1, 1)


def after_intake(events) -> list[Word]:
    """What intake makes of submitted events: words under a pseudonym, each event once."""
    words: dict[tuple[str, str], Word] = {}
    for event in events:
        said = examine(json.dumps(event).encode())
        assert isinstance(said, Submission), said
        word = said.word(None if said.pupil is None else f"pseudonym-of-{said.pupil.text}")
        words.setdefault((word.source, word.id), word)
    return list(words.values())


class Story:
    """A stream as the classifier meets it: calendars known before, facts and closed days on the topic."""

    def __init__(self, stream, closings):
        words = after_intake(stream.events)
        self.calendars = [one for one in words if about_calendar(one)]
        self.facts = [one for one in words if not about_calendar(one)]
        topic = Topic()
        self.records = []
        days = [date(2022, 6, 1) + timedelta(days=day) for day in sorted(closings)]
        step = len(self.facts) // (len(days) + 1) + 1
        for place, word in enumerate(self.facts, start=1):
            self.records += topic.words(word)
            if place % step == 0 and days:
                self.records += topic.closes(days.pop(0))
        self.records += topic.closes(THE_END)

    async def expected(self) -> dict[str, dict]:
        """What stands at the end, by the law alone."""
        told: dict[str, list[Word]] = defaultdict(list)
        for word in self.facts:
            told[word.fact.pupil].append(word)
        calendars = (await calendars_of(*self.calendars)).calendars
        found = [
            way.finding(finding)
            for words in told.values()
            for finding in classify(
                Standing.of(words), calendars=calendars, governance=NL_2024, as_of=THE_END
            )
            for way in WAYS.of(finding.kind, finding.school)
        ]
        said = json.loads(json.dumps(found))
        return {one["finding"]: {name: one[name] for name in one if name != "revision"} for one in said}

    async def lived(self, engines, batches) -> list[Outgoing]:
        """What is said of these batches."""
        async with a_store(engines) as store:
            publisher = RecordingPublisher()
            classifier = await a_classifier(store, publisher, await calendars_of(*self.calendars))
            for batch in batches:
                await classifier.on_batch(batch)
        return publisher.said

    def split(self, sizes) -> list:
        """The records in batches of these sizes, over and over. As from a broker: by partition within a batch."""
        batches, place, turn = [], 0, 0
        while place < len(self.records):
            size = sizes[turn % len(sizes)]
            batch = self.records[place : place + size]
            batches.append(sorted(batch, key=lambda one: one.partition))
            place, turn = place + size, turn + 1
        return batches


def per_key(said) -> dict[tuple, list[bytes]]:
    """In order, what was said of each pupil on each topic, and of each date and month of a school."""
    by_key: dict[tuple, list[bytes]] = defaultdict(list)
    for one in said:
        if one.key is not None:
            data = event_from(one.value).data
            about = data.get("pupil") or (data.get("date") or data["month"], data["origin"])
            by_key[(one.topic, one.key, about)].append(one.value)
    return dict(by_key)


STORIES = st.builds(Story, streams(), st.sets(st.integers(0, 1_500), max_size=4))


@FEW
@given(STORIES, st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_batches_make_no_difference(engines, story, sizes):
    async def compare():
        one_by_one = await story.lived(engines, [[one] for one in story.records])
        contents(one_by_one)
        for batches in (story.split([len(story.records)]), story.split(sizes)):
            assert per_key(await story.lived(engines, batches)) == per_key(one_by_one)
        assert standing(one_by_one) == await story.expected()

    asyncio.run(compare())


@FEW
@given(
    STORIES, st.lists(st.integers(1, 60), min_size=1, max_size=4), st.lists(st.integers(1, 40), max_size=4),
    st.booleans(), st.data(),
)  # fmt: skip
def test_a_crash_at_any_step_loses_and_doubles_nothing(engines, story, sizes, crashes, done, data):
    async def live():
        undisturbed = await story.lived(engines, story.split(sizes))
        said: list[Outgoing] = []
        batches = story.split(sizes)
        place = 0
        pending = list(crashes)
        async with a_store(engines) as store:
            while place < len(batches):
                # A new process: nothing in memory. Every act on the store or the broker counts towards the crash.
                crash = pending.pop() if pending else 0
                faults = Faults(after=[crash]) if done else Faults(before=[crash])
                publisher = RecordingPublisher(faults)
                store.faults = faults
                try:
                    # What an owner before it still owes is said when a partition is taken over: that may fail too.
                    classifier = await a_classifier(store, publisher, await calendars_of(*story.calendars))
                    for number in range(place, len(batches)):
                        await classifier.on_batch(batches[number])
                        place = number + 1
                except Unavailable:
                    # What was said stays said; how much was committed, only the broker knows.
                    place = data.draw(st.integers(0, place))
                said += publisher.said
        assert contents(said) == contents(undisturbed)
        assert standing(said) == standing(undisturbed) == await story.expected()

    asyncio.run(live())
