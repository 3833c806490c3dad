"""The notice table, row by row: who hears, what of it, and nothing else (`domain.md` 3, ADR 11)."""

import json
from typing import get_args

import pytest

from aanwezig.contracts import topics
from aanwezig.contracts.allowed import not_allowed
from aanwezig.contracts.envelope import Event, type_of
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import Word
from aanwezig.notifier.domains import INSTANCES
from aanwezig.notifier.made import AGENDA, DIGEST, REGION
from aanwezig.notifier.table import (
    ALWAYS_SAID,
    CONDITIONS,
    FIELDS,
    ROLES,
    ROLES_OF,
    TABLES,
    THOSE_TOLD,
    rows_for,
)
from aanwezig.notifier.whom import NOBODY_REGISTERED, Cause, Told, notices
from support.notifying import MORNING, a_case, a_recipient, an_event, known_ways
from support.told_of import told_of

EVERY_ROW = [(domain, row) for domain, rows in TABLES.items() for row in rows]
OWN_EVENTS = {AGENDA, DIGEST, REGION}
SAYS = {
    "school": topics.SCHOOL_NOTICES, "chain": topics.NOTICES, "health": topics.HEALTH_NOTICES,
    "justice": topics.JUSTICE_NOTICES,
}  # fmt: skip


def named(one):
    domain, row = one
    return f"{domain}: {row.event}, {row.when}, {row.role}"


def everybody(domain):
    """A desk for each role; of the officers one of the municipality of the case, and one of the one it left."""
    here = {"municipality": "9876"}
    more = {"school": {"school": "99ZZ99"}, "attendance-officer": here, "home-sitter-table": here}
    more |= {"school-partnership": here, "care-team": here}
    desks = [a_recipient(f"{role}-desk", role, **more.get(role, {})) for role in sorted(ROLES_OF[domain])]
    return [*desks, a_recipient("the-one-left", "attendance-officer", municipality="8765")]


def cause_by(domain, row, said=None):
    message = told_of(row.event, row.when) if said is None else said
    event = Event(
        derived_id("test", domain, row.event, row.when),
        f"{PLATFORM_SOURCE}-test",
        row.event,
        MORNING,
        message.said(),
    )
    return Cause(event, message, "about-it", 0)


def told_words(*words, role="a-role"):
    return [Told("once-told", role, "the once told", "topic", "", word) for word in words]


def made_by(domain, row, ways=None):
    told = told_words(*(row.of or ("on-your-track",)), role=row.of_role or "a-role")
    found = notices(
        domain, cause_by(domain, row), told, ways or known_ways(*everybody(domain), domain=domain)
    )
    theirs = [one for one in found if one.word == row.word]
    return [one for one in theirs if (one.recipient == "once-told") == (row.role == THOSE_TOLD)]


def leaves(value, path=""):
    """Every single value of a JSON object, with the field of the top level it lies in."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, path or name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif value is not None and not isinstance(value, bool):
        yield path, str(value)


@pytest.mark.parametrize("one", EVERY_ROW, ids=named)
def test_a_notice_holds_no_field_of_its_cause_that_its_row_does_not_list(one):
    domain, row = one
    cause = cause_by(domain, row)
    made = [notice for notice in made_by(domain, row) if row.role in {notice.role, THOSE_TOLD}]
    assert made
    for notice in made:
        data = notice.said().said()
        own = {name for name in data if name in FIELDS}
        assert own == {name for name in row.fields if getattr(cause.said, name, None) is not None}
        assert set(data) - own <= ALWAYS_SAID
        told = {text for _, text in leaves(data)}
        listed = {text for name in row.fields for _, text in leaves(cause.event.data.get(name), name)}
        # What the row itself is: its word and its role are the same words as some field's.
        own_words = {row.word, row.role, row.urgency}
        for name, text in leaves(cause.event.data):
            if name not in row.fields and text not in listed | own_words:
                assert text not in told, f"{name} is told, and not on the row's list"


@pytest.mark.parametrize("one", EVERY_ROW, ids=named)
def test_what_a_notice_says_may_be_said_on_the_topic_of_its_domain(one):
    domain, row = one
    for notice in made_by(domain, row):
        event = Event(
            "id",
            "urn:x",
            "notice-sent",
            MORNING,
            json.loads(notice.said().model_dump_json(exclude_unset=True)),
        )
        assert not_allowed(SAYS[domain].name, event.as_json()) == []


@pytest.mark.parametrize("one", EVERY_ROW, ids=named)
def test_each_row_is_told_to_its_role_and_where_it_has_nobody_that_is_a_failure(one):
    domain, row = one
    if row.role == THOSE_TOLD:
        # Nobody was told: whoever hears something now hears it for a row of its own.
        heard = notices(domain, cause_by(domain, row), [], known_ways(*everybody(domain), domain=domain))
        assert row.word not in {notice.word for notice in heard}
        return
    to = "the-one-left" if row.left else f"{row.role}-desk"
    assert to in {notice.recipient for notice in made_by(domain, row)}
    missing = [
        notice for notice in made_by(domain, row, known_ways(domain=domain)) if notice.role == row.role
    ]
    assert [notice.missing for notice in missing] == ([] if row.advice else [NOBODY_REGISTERED])


def test_the_table_uses_events_words_and_conditions_that_exist_and_every_one_of_them():
    said = {name for one in INSTANCES.values() for topic in one.hears for name in topic.events}
    assert {row.event for _, row in EVERY_ROW} <= said | OWN_EVENTS
    assert {row.when for _, row in EVERY_ROW} == set(CONDITIONS)
    assert {row.word for _, row in EVERY_ROW} == set(get_args(Word))
    for domain, instance in INSTANCES.items():
        heard = {name for topic in instance.hears for name in topic.events}
        assert {row.event for row in TABLES[domain]} <= heard | OWN_EVENTS
    assert all(not row.ends and not row.of for _, row in EVERY_ROW if row.role != THOSE_TOLD)
    assert {
        "school", "attendance-officer", "care-team", "youth-health-care", "halt", "officer-of-justice", "youth-protection",
        "school-partnership", "doorstroompunt", "home-sitter-table", "chain-director",
    } <= ROLES  # fmt: skip


@pytest.mark.parametrize(
    ("event", "said", "roles"),
    [
        ("case-track-decided", {"track": "prevention"}, {"attendance-officer"}),
        ("case-track-decided", {"track": "care-meeting"}, {"care-team"}),
        # eighteen and older: the Doorstroompunt on either track, with or without the rule's version
        ("case-track-decided", {"track": "prevention", "actor": {"kind": "rule", "id": "adult"}}, {"doorstroompunt"}),
        ("case-track-decided", {"track": "care-meeting", "actor": {"kind": "rule", "id": "adult@1"}}, {"doorstroompunt"}),
        # justice is told in its own domain
        ("case-track-decided", {"track": "halt"}, {THOSE_TOLD}),
        ("case-track-decided", {"track": "police-report"}, {THOSE_TOLD}),
        ("case-track-decided", {"track": "care-meeting", "adult": True, "actor": {"kind": "person", "id": "o"}}, {"doorstroompunt"}),
        ("case-step-taken", {"track": "care-meeting", "step": "help-refused"}, {"youth-protection"}),
        ("case-step-taken", {"track": "prevention", "step": "help-refused"}, set()),
        ("case-step-taken", {"track": "care-meeting", "step": "help-accepted"}, set()),
        ("case-opened", {}, set()),
        ("case-finding-joined", {}, set()),
        ("case-handed-over", {}, set()),
    ],
)  # fmt: skip
def test_both_sides_of_the_conditions_of_the_chain(event, said, roles):
    assert {row.role for row in rows_for("chain", event, a_case(**said))} == roles


@pytest.mark.parametrize(("value", "told"), [("12.00", True), ("11.99", False), ("16.00", True)])
def test_a_school_hears_of_a_distance_from_three_quarters_of_the_threshold_on(value, told):
    measured = {
        "value": value,
        "exact": value.split(".")[0],
        "unit": "hours",
        "operator": ">=",
        "threshold": "16.00",
    }
    said = told_of("distance-measured", measured=measured)
    assert bool(rows_for("school", "distance-measured", said)) is told


def test_an_event_of_another_domain_is_nothing_to_a_domain():
    """The same referral to Halt: the chain tells nobody, justice tells Halt, and youth health care would hear of its own."""
    case = a_case(track="halt")
    event = an_event("case-track-decided", case)
    heard = {
        domain: {one.role for one in notices(domain, Cause(event, case, case.case, 0), [], known_ways(*everybody(domain), domain=domain))}
        for domain in TABLES
    }  # fmt: skip
    assert heard == {"school": set(), "chain": set(), "health": {"youth-health-care"}, "justice": {"halt"}}
    assert type_of("case-track-decided") == "nl.attendance.case-track-decided.v1"
