"""What the register says of packs and schools takes effect for the pupils it concerns, by itself, and for nobody else."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from aanwezig.chassis import metrics
from aanwezig.chassis.errors import Unavailable
from aanwezig.classifier import handlers
from aanwezig.classifier.governance import Register
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.topics import FINDINGS, SIGNALS
from aanwezig.law import packs
from aanwezig.law.data_files import NoSuchRule
from support.classifying import (
    EVERYWHERE,
    RecordingPublisher,
    a_classifier,
    a_store,
    contents,
    standing,
)
from support.facts import OTHER_SCHOOL, PUPIL, SCHOOL, a_birth, a_residence, absences, an_enrolment
from support.memory import Faults

pytestmark = pytest.mark.engines
HERE, THERE = "0637", "0344"
NATIONAL = packs.load("nl-2024")
STRICT = replace(NATIONAL, id="strict", crossing=replace(NATIONAL.crossing, threshold=Fraction(8)))
SAID = datetime(2024, 9, 20, 12, tzinfo=UTC)
TWELVE = absences("2024-09-02", 12)
"""Below the sixteen hours of the national pack, above the eight of the strict one."""


def none(name):
    raise NoSuchRule(name)


def versions(name):
    return [pack for pack in (NATIONAL, STRICT) if pack.id == name] or none(name)


def evaluations() -> float:
    return metrics.REGISTRY.get_sample_value("aanwezig_evaluations_total", {"cause": "register"}) or 0.0


def municipality(code, *chosen, event="the-choice"):
    rows = [{"pack": pack, "from": since} for pack, since in chosen]
    said = {"municipality": code, "packs": rows}
    return f"municipality/{code}", Event(event, "urn:test", "municipality-registered", SAID, said)


def school(of, code, event="the-school"):
    said = {"school": of, "name": "De Linde", "type": "vo", "municipality": code}
    return f"school/{of}", Event(event, "urn:test", "school-registered", SAID, said)


STRICT_HERE = municipality(HERE, ("strict", "2024-08-01"))
AT_HOME = [school(SCHOOL, HERE), school(OTHER_SCHOOL, THERE)]


async def a_register(*records) -> Register:
    register = Register("nl-2024", versions=versions, now=lambda: SAID)
    for record in records:
        await register.on_change(*record)
    return register


def statutory(publisher):
    in_chain = [one for one in publisher.said if one.topic == FINDINGS.name]
    return [one for one in standing(in_chain).values() if one["kind"] == "statutory"]


async def test_a_chosen_pack_raises_and_its_removal_withdraws_and_the_register_is_the_cause(
    store, topic, publisher
):
    register = await a_register(*AT_HOME)
    classifier = await a_classifier(store, publisher, register=register)
    elsewhere = absences("2024-09-02", 12, pupil="pupil-2", school=OTHER_SCHOOL)
    await classifier.on_batch(topic.words(TWELVE, elsewhere))
    await classifier.refresh(EVERYWHERE)
    before = evaluations()
    await register.on_change(*STRICT_HERE)
    await classifier.refresh(EVERYWHERE)
    await register.on_change(STRICT_HERE[0], None)
    await classifier.refresh(EVERYWHERE)
    assert publisher.told() == [
        ("raised", "statutory", "2024-09-02", 1),
        ("withdrawn", "statutory", "2024-09-02", 2),
    ]
    (raised, withdrawn), *others = publisher.findings().values()
    assert others == []
    assert (raised.causation, raised.time, raised.data["rule"]["pack"]) == ("the-choice", SAID, "strict")
    assert withdrawn.causation not in {None, "the-choice"}
    # The pupil of the other school was not looked at.
    assert evaluations() == before + 2


async def test_residence_decides_where_it_is_known(store, topic, publisher):
    register = await a_register(school(SCHOOL, THERE))
    classifier = await a_classifier(store, publisher, register=register)
    resident = [a_residence("2020-01-01", HERE), an_enrolment(), *TWELVE]
    commuter = [
        a_residence("2020-01-01", THERE, pupil="pupil-2"),
        an_enrolment(pupil="pupil-2"),
        *absences("2024-09-02", 12, pupil="pupil-2"),
    ]
    moved_in = [
        a_residence("2024-09-15", THERE, pupil="pupil-3"),
        an_enrolment(pupil="pupil-3"),
        *absences("2024-09-02", 12, pupil="pupil-3"),
    ]
    await classifier.on_batch(topic.words(resident, commuter, moved_in))
    before = evaluations()
    await register.on_change(*STRICT_HERE)
    await classifier.refresh(EVERYWHERE)
    assert evaluations() == before + 1
    assert [one["municipality"] for one in statutory(publisher)] == [HERE]
    # Where the school lies matters to the one whose residence in those days is unknown, and to no other.
    await register.on_change(*school(SCHOOL, HERE, event="moved"))
    await classifier.refresh(EVERYWHERE)
    assert evaluations() == before + 2
    assert [one["municipality"] for one in statutory(publisher)] == [HERE, HERE]


async def test_a_school_that_moves_or_goes_takes_its_findings_along(store, topic, publisher):
    register = await a_register(*AT_HOME)
    classifier = await a_classifier(store, publisher, register=register)
    await classifier.on_batch(topic.words(absences("2024-09-02", 16)))
    await register.on_change(*school(SCHOOL, THERE, event="moved"))
    await classifier.refresh(EVERYWHERE)
    await register.on_change(f"school/{SCHOOL}", None)
    await classifier.refresh(EVERYWHERE)
    (events,) = publisher.findings().values()
    assert [event.data["municipality"] for event in events] == [HERE, THERE, None]
    assert [event.name for event in events] == ["finding-raised", "finding-amended", "finding-amended"]
    assert events[1].causation == "moved"


async def test_a_record_that_changes_nothing_for_anybody_asks_nobody(store, topic, publisher):
    register = await a_register(*AT_HOME)
    classifier = await a_classifier(store, publisher, register=register)
    await classifier.on_batch(topic.words(TWELVE))
    await classifier.refresh(EVERYWHERE)
    before = evaluations()
    renamed = school(SCHOOL, HERE, event="renamed")
    renamed[1].data["name"] = "De Iep"
    unheard = municipality(HERE, ("nl-1969", "1969-08-01"))
    twice = municipality(HERE, ("strict", "2024-08-01"), ("nl-2024", "2024-08-01"))
    for record in (
        renamed, municipality(HERE, ("nl-2024", "2024-08-01")), unheard, twice, municipality("0518", ("strict", "2024-08-01")),
        ("system/vo", None), (STRICT_HERE[0], Event("bad", "urn:test", "municipality-registered", SAID, {})),
    ):  # fmt: skip
        await register.on_change(*record)
        await classifier.refresh(EVERYWHERE)
    assert (evaluations(), publisher.told()) == (before, [])


@pytest.mark.parametrize("failing", [{"before": [1]}, {"after": [1]}])
async def test_a_change_and_a_crash_say_the_same_as_a_change(store, topic, engines, failing):
    async def lived(kept, faults):
        said = RecordingPublisher()
        register = await a_register(*AT_HOME)
        classifier = await a_classifier(kept, said, register=register)
        await classifier.on_batch(words)
        await register.on_change(*STRICT_HERE)
        kept.faults = classifier.shelf._collection._faults = faults
        try:
            await classifier.refresh(EVERYWHERE)
        except Unavailable:
            again = RecordingPublisher()
            classifier = await a_classifier(kept, again, register=await a_register(*AT_HOME, STRICT_HERE))
            await classifier.refresh(EVERYWHERE)
            said.said += again.said
        return said.said

    words = topic.words(a_birth(), TWELVE)
    async with a_store(engines) as quiet:
        undisturbed = await lived(quiet, Faults())
    assert contents(await lived(store, Faults(**failing))) == contents(undisturbed)
    raised = [one.topic for one in undisturbed if event_from(one.value).name == "finding-raised"]
    assert raised == [FINDINGS.name, SIGNALS.name]


async def test_what_changed_while_nobody_ran_is_looked_at_at_the_start(store, topic, publisher):
    first = await a_classifier(store, RecordingPublisher(), register=await a_register(*AT_HOME, STRICT_HERE))
    await first.on_batch(topic.words(TWELVE))
    # The topic no longer tells that the municipality was removed: its record is simply not there any more.
    again = await a_classifier(store, publisher, register=await a_register(*AT_HOME))
    before = evaluations()
    await again.refresh(EVERYWHERE)
    await again.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["withdrawn"]
    assert evaluations() == before + 1
    document = await store.collection("pupils").find_one({"_id": PUPIL})
    assert document["x"]["grounds"][1:] == [f"+school/{SCHOOL}={HERE}", f"-municipality/{HERE}"]


async def test_a_pack_that_comes_later_than_its_choice_governs_from_then_on(store, topic, publisher):
    there = [NATIONAL]
    register = Register(
        "nl-2024", versions=lambda name: [one for one in there if one.id == name] or none(name)
    )
    for record in (*AT_HOME, STRICT_HERE):
        await register.on_change(*record)
    classifier = await a_classifier(store, publisher, register=register)
    await classifier.on_batch(topic.words(TWELVE, absences("2024-09-02", 12, pupil="2", school=OTHER_SCHOOL)))
    await classifier.refresh(EVERYWHERE)
    before = evaluations()
    await register.on_packs()
    await classifier.refresh(EVERYWHERE)
    assert (evaluations(), publisher.told()) == (before, [])
    there.append(STRICT)
    await register.on_packs()
    await classifier.refresh(EVERYWHERE)
    assert publisher.told() == [("raised", "statutory", "2024-09-02", 1)]
    assert evaluations() == before + 1


async def test_another_default_is_looked_at_for_everybody(store, topic, publisher):
    first = await a_classifier(store, RecordingPublisher(), register=await a_register(*AT_HOME))
    await first.on_batch(topic.words(TWELVE, absences("2024-09-02", 12, pupil="2", school=OTHER_SCHOOL)))
    strict = Register("strict", versions=versions)
    again = await a_classifier(store, publisher, register=strict)
    await again.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised", "raised"]


async def test_other_packs_are_asked_of_a_resident_without_any_school_too(store, topic, publisher):
    register = await a_register()
    classifier = await a_classifier(store, publisher, register=register)
    # Enrolled but for three weeks: too short for the national pack, and nothing else was ever said.
    terms = [an_enrolment("2015-01-01", until="2024-09-01"), an_enrolment("2024-09-22")]
    await classifier.on_batch(topic.closes("2024-10-20"))
    await classifier.on_batch(topic.words(terms, a_residence("2015-01-01", HERE)))
    before = evaluations()
    assert publisher.told() == []
    shorter = replace(NATIONAL, id="strict", absolute=replace(NATIONAL.absolute, threshold=Fraction(14)))
    register._versions = lambda name: {"strict": [shorter], "nl-2024": [NATIONAL]}[name]
    await register.on_change(*STRICT_HERE)
    await classifier.refresh(EVERYWHERE)
    assert evaluations() == before + 1
    assert publisher.told() == [("raised", "absolute", "2024-09-16", 1)]


async def test_who_takes_pupils_over_looks_at_those_the_other_saw_with_an_older_register(
    store, topic, publisher
):
    owner = await a_classifier(store, publisher, register=await a_register(*AT_HOME, STRICT_HERE))
    await owner.refresh(EVERYWHERE)
    behind = await a_classifier(store, RecordingPublisher(), register=await a_register(*AT_HOME))
    await behind.on_batch(topic.words(TWELVE))
    await owner.refresh(EVERYWHERE)
    assert publisher.told() == []
    await owner.on_assigned(EVERYWHERE)
    await owner.refresh(EVERYWHERE)
    assert [row[0] for row in publisher.told()] == ["raised"]


async def test_a_whole_city_is_looked_at_a_part_at_a_time(store, topic, publisher, monkeypatch):
    monkeypatch.setattr(handlers, "_AT_ONCE", 2)
    register = await a_register(*AT_HOME)
    classifier = await a_classifier(store, publisher, register=register)
    pupils = [f"pupil-{number}" for number in range(5)]
    await classifier.on_batch(topic.words(*(absences("2024-09-02", 12, pupil=pupil) for pupil in pupils)))
    await register.on_change(*STRICT_HERE)
    after_each_turn = []
    for _ in range(4):
        await classifier.refresh(EVERYWHERE)
        after_each_turn.append(len(publisher.told()))
    assert after_each_turn == [2, 4, 5, 5]
