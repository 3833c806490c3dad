"""The registry of topics says everything about each, and names what `contract.md` 2 names."""

import re

import pytest

from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.said import MESSAGES
from aanwezig.contracts.topics import (
    DAY_MS,
    PARKED,
    REGISTRY,
    SUBMISSIONS,
    SUBMISSIONS_PATTERN,
    TOPICS,
    Domain,
    submissions_of,
    system_of,
)

# The case-router and the notifier run once for each domain (docs/adr/0009-cases-journals-domains.md, 0011-notices.md).
SERVICES = {
    "intake", "classifier", "case-router", "case-router-health", "case-router-justice", "notifier", "notifier-school",
    "notifier-health", "notifier-justice",
}  # fmt: skip
PEOPLE = {
    "officers",
    "operators",
    "partners",
    "recipients",
    "Halt",
    "officer of justice",
    "cli",
    "school systems",
    "schools",
    "youth health care",
}

# contract.md 2, with the services in the place of `<service>`.
IN_THE_CONTRACT = {
    "school.submissions.v1.<system>", "school.receipts.v1", "school.register.v1", "chain.register.v1", "school.facts.v1",
    "school.calendars.v1", "school.signals.v1", "school.presence.v1", "chain.findings.v1", "health.findings.v1",
    "chain.decisions.v1", "chain.cases.v1", "chain.cases.prevention.v1", "chain.cases.care-meeting.v1", "health.cases.v1",
    "justice.cases.halt.v1", "justice.cases.police-report.v1", "chain.notices.v1",
    *(f"{service}.parked.v1" for service in SERVICES),
}  # fmt: skip
# Between the owners of a school's facts (docs/adr/0007-silent-feed.md), and between instances of the case-router (ADR 9).
AMONG_OURSELVES = {"school.feeds.v1", "justice.crossings.v1"}
# The commands about health's own cases (ADR 9) and the notices of each domain (ADR 11): the contract names those of the chain.
ADDED = {"health.decisions.v1", "school.notices.v1", "health.notices.v1", "justice.notices.v1"}
COMPACTED = {"school.register.v1", "chain.register.v1", "school.calendars.v1"}

each = pytest.mark.parametrize("topic", REGISTRY, ids=lambda topic: topic.name)


def test_the_names_are_those_of_the_contract_each_once():
    names = [topic.name for topic in REGISTRY]
    assert len(names) == len(set(names))
    assert set(names) == IN_THE_CONTRACT | AMONG_OURSELVES | ADDED


@each
def test_a_topic_is_described_and_owned_by_someone_who_exists(topic):
    assert topic.about.endswith(".")
    assert len(topic.about) > 20
    assert topic.key
    assert topic.owner in SERVICES | PEOPLE
    assert topic.speakers
    assert topic.listeners
    assert {*topic.speakers, *topic.listeners} <= SERVICES | PEOPLE


@each
def test_a_name_says_domain_and_version(topic):
    assert re.fullmatch(r"[a-z]+([.-][a-z]+)*\.v[1-9][0-9]*(\.<system>)?", topic.name)
    expected = topic.name.split(".")[0] if topic.domain is not Domain.OPERATIONS else "operations"
    assert topic.domain.value == expected


@each
def test_every_event_of_a_topic_has_a_model(topic):
    assert set(topic.events) <= {*FACT_TYPES, *MESSAGES}
    assert topic.events or topic.name in {parked.name for parked in PARKED.values()}


def test_every_model_is_said_on_a_topic():
    said = {event for topic in TOPICS for event in topic.events}
    assert said == {*FACT_TYPES, *MESSAGES}


@each
def test_a_topic_is_kept_fourteen_days_or_by_its_last_word(topic):
    if topic.name in COMPACTED:
        assert topic.settings["cleanup.policy"] == "compact"
        assert "retention.ms" not in topic.settings
    else:
        kept = {"cleanup.policy": "delete", "retention.ms": str(14 * DAY_MS)}
        # What strangers compress is unpacked by the broker: no codec and no bomb reaches the reader.
        assert topic.settings == kept | ({"compression.type": "uncompressed"} if topic is SUBMISSIONS else {})


def test_a_system_has_a_topic_that_names_it():
    topic = submissions_of("magister-2")
    assert topic.name == "school.submissions.v1.magister-2"
    assert topic.settings == SUBMISSIONS.settings
    assert system_of(topic.name) == "magister-2"
    assert re.match(SUBMISSIONS_PATTERN, topic.name)
    for other in (
        SUBMISSIONS.name,
        "school.submissions.v1.",
        "school.submissions.v1.A",
        "school-submissions.v1.a",
    ):
        assert not re.match(SUBMISSIONS_PATTERN, other)


def test_facts_and_findings_have_twelve_partitions():
    partitions = {topic.name: topic.partitions for topic in TOPICS}
    assert partitions["school.facts.v1"] == partitions["chain.findings.v1"] == 12


def test_what_is_about_a_pupil_is_keyed_by_the_pseudonym_of_its_domain():
    keys = {topic.name: topic.key for topic in TOPICS}
    assert keys["school.facts.v1"] == "pupil (school pseudonym)"
    assert keys["chain.findings.v1"] == "pupil (chain pseudonym)"
    assert (
        keys["justice.cases.halt.v1"] == keys["justice.cases.police-report.v1"] == "case (justice pseudonym)"
    )


def test_one_topic_leads_into_justice_and_only_its_own_instance_works_there():
    justice = {
        topic.name: (topic.speakers, SERVICES & {*topic.listeners})
        for topic in TOPICS
        if topic.domain is Domain.JUSTICE
    }
    assert justice == {
        "justice.crossings.v1": (("case-router",), {"case-router-justice"}),
        "justice.cases.halt.v1": (("case-router-justice",), {"notifier-justice"}),
        "justice.cases.police-report.v1": (("case-router-justice",), {"notifier-justice"}),
        "justice.notices.v1": (("notifier-justice",), set()),
    }


def test_nobody_but_the_instances_of_health_reads_or_speaks_of_health():
    health = [topic for topic in TOPICS if topic.domain is Domain.HEALTH]
    assert len(health) == 4
    for topic in health:
        assert SERVICES & {*topic.listeners} <= {"case-router-health", "notifier-health"}
        assert SERVICES & {*topic.speakers} <= {"case-router-health", "classifier", "notifier-health"}
    ours = {
        topic.name
        for topic in TOPICS
        if {"case-router-health", "notifier-health"} & {*topic.speakers, *topic.listeners}
    }
    shared = {
        "school.calendars.v1", "chain.register.v1", "case-router-health.parked.v1", "notifier-health.parked.v1",
    }  # fmt: skip
    assert ours == {topic.name for topic in health} | shared


def test_each_service_parks_on_its_own_topic():
    assert {name: topic.speakers for name, topic in PARKED.items()} == {name: (name,) for name in SERVICES}
