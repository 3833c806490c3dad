from datetime import date
from typing import Any

import pytest

from aanwezig.contracts.messages import CaseSaid, NoticeSaid
from aanwezig.contracts.topics import CASE_EVENTS
from aanwezig.notifier.whom import CONDITIONS, ROLES, TABLE, THOSE_TOLD, UNREGISTERED, Row, Told, notices
from support.notifying import ZOETERMEER, a_case, a_home_sitter, a_recipient, an_event

TABLE_DESK = a_recipient("table", "home-sitter-table")
DIRECTOR = a_recipient("director", "chain-director")
EVERYBODY = [
    TABLE_DESK,
    DIRECTOR,
    a_recipient("meldcode", "meldcode-desk"),
    a_recipient("officer", "attendance-officer", municipality=ZOETERMEER),
    a_recipient("care", "care-team", channel="webhook"),
    a_recipient("point", "doorstroompunt"),
]


def told_by(event, recipients=EVERYBODY, told=()):
    case = CaseSaid.model_validate(event.data)
    return {
        (notice.recipient, notice.subject) for notice in notices(event, case, list(told), list(recipients))
    }


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("case-escalated", {"to": "home-sitter-table"}, {("table", "new-home-sitter")}),
        ("case-escalated", {"to": "chain-director"}, {("director", "needs-attention")}),
        ("case-escalated", {"to": "meldcode-desk"}, {("meldcode", "meldcode")}),
        ("case-stagnated", {"timer": "meeting"}, {("director", "stagnated")}),
        ("case-track-proposed", {"track": None}, {("officer", "decision-asked")}),
        (
            "case-handed-over",
            {"left": "0150"},
            {("officer", "moved-to-you"), ("attendance-officer", "moved-away")},
        ),
        ("case-handed-over", {"to": "doorstroompunt"}, {("point", "handed-to-you")}),
        ("case-handed-over", {}, set()),
        ("case-contradicted", {}, {("officer", "look-again")}),
        ("case-track-decided", {"track": "prevention"}, {("officer", "on-your-track")}),
        ("case-track-decided", {"track": "care-meeting"}, {("care", "on-your-track")}),
        # eighteen and older: the Doorstroompunt on either track, with or without the rule's version
        (
            "case-track-decided",
            {"track": "prevention", "actor": {"kind": "rule", "id": "adult"}},
            {("point", "on-your-track")},
        ),
        (
            "case-track-decided",
            {"track": "care-meeting", "actor": {"kind": "rule", "id": "adult@2024.1"}},
            {("point", "on-your-track")},
        ),
        (
            "case-track-decided",
            {
                "track": "care-meeting",
                "actor": {"kind": "person", "id": "officer-1"},
                "proposed": {"track": "prevention", "rule": "adult", "subject": "pupil"},
            },
            {("point", "on-your-track")},
        ),
        # justice is told in its own domain
        ("case-track-decided", {"track": "halt"}, set()),
        ("case-track-decided", {"track": "police-report"}, set()),
        ("case-opened", {}, set()),
        ("case-step-taken", {"step": "talk-held"}, set()),
        ("case-closed", {}, set()),
    ],
)
def test_each_event_is_told_to_its_role_and_to_no_other(name, said, expected):
    assert told_by(an_event(name, a_case(**said))) == expected


def test_a_recipient_of_another_municipality_hears_nothing_and_one_of_the_region_hears_all():
    near = a_recipient("near", "home-sitter-table", municipality=ZOETERMEER)
    far = a_recipient("far", "home-sitter-table", municipality="0150")
    region = a_recipient("region", "home-sitter-table")
    event = a_home_sitter()
    assert {recipient for recipient, _ in told_by(event, [near, far, region])} == {"near", "region"}
    unknown = a_home_sitter(municipality=None)
    assert {recipient for recipient, _ in told_by(unknown, [near, far, region])} == {"region"}


def test_a_role_without_anybody_is_one_notice_to_unregistered():
    case = a_case(to="home-sitter-table")
    event = an_event("case-escalated", case)
    for recipients in ([], [a_recipient("far", "home-sitter-table", municipality="0150")]):
        (notice,) = notices(event, case, [], recipients)
        assert (notice.recipient, notice.organisation, notice.channel, notice.missing) == (
            "home-sitter-table", UNREGISTERED, "topic", True,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "beside"), [("case-withdrawn", set()), ("case-contradicted", {("officer", "look-again")})]
)
def test_a_retraction_goes_to_exactly_those_who_were_told(name, beside):
    event, word = an_event(name, a_case()), name.removeprefix("case-")
    told = [Told("table", "home-sitter-table", "x"), Told("chain-director", "chain-director", UNREGISTERED)]
    assert told_by(event, told=told) == {("table", word), ("chain-director", word)} | beside
    assert told_by(event, told=[]) == beside


def test_who_left_the_register_finds_the_retraction_on_the_topic():
    case = a_case()
    (notice,) = notices(an_event("case-withdrawn", case), case, [Told("care", "care-team", "Team")], [])
    assert (notice.recipient, notice.channel, notice.organisation, notice.missing) == (
        "care", "topic", "Team", False,
    )  # fmt: skip


def test_whoever_serves_both_municipalities_hears_of_a_move_once():
    everywhere = a_recipient("region", "attendance-officer")
    there = a_recipient("there", "attendance-officer", municipality="0150")
    event = an_event("case-handed-over", a_case(left="0150"))
    assert told_by(event, [everywhere]) == {("region", "moved-to-you")}
    assert told_by(event, [there, EVERYBODY[3]]) == {("officer", "moved-to-you"), ("there", "moved-away")}


def test_an_id_follows_from_cause_recipient_and_channel():
    case = a_case(timer="meeting")
    first, again = an_event("case-stagnated", case), an_event("case-stagnated", case, nth=2)
    moved = DIRECTOR.model_copy(update={"channel": "webhook"})
    other = a_recipient("other", "chain-director")
    ids = [
        notices(event, case, [], [recipient])[0].id
        for event, recipient in [(first, DIRECTOR), (again, DIRECTOR), (first, moved), (first, other)]
    ]
    assert len(set(ids)) == 4
    assert notices(first, case, [], [DIRECTOR])[0].id == ids[0]


VALUES: dict[str, Any] = {
    "case": "c" * 32, "revision": 987654321098, "pupil": "p" * 32, "school": "99ZZ99", "municipality": "9876",
    "proposed": {"track": "halt", "rule": "the-rule-word", "subject": "parents"}, "findings": ["f" * 32],
    "actor": {"kind": "person", "id": "the-officer"}, "motive": "the-motive", "step": "verdict",
    "outcome": "the-outcome", "due": date(2031, 1, 2), "timer": "halt-result", "about": "the-cause",
    "status": "taken-note", "left": "8765", "no_due": "calendar-ends", "not_halt": ["the-condition"],
    "contradiction": {"finding": "e" * 32, "stands": False, "decided": None, "now": None}, "journal": "d" * 64,
}  # fmt: skip
TRACES = {
    "case": "c" * 32, "revision": "987654321098", "pupil": "p" * 32, "school": "99ZZ99", "municipality": "9876",
    "proposed": "the-rule-word", "findings": "f" * 32, "actor": "the-officer", "motive": "the-motive",
    "step": "verdict", "outcome": "the-outcome", "due": "2031-01-02", "timer": "halt-result",
    "about": "the-cause", "status": "taken-note", "left": "8765", "no_due": "calendar-ends", "not_halt": "the-condition",
    "contradiction": "e" * 32, "journal": "d" * 64,
}  # fmt: skip
BY_CONDITION: dict[str, dict[str, Any]] = {
    "always": {"track": "halt"},
    "to the home-sitter table": {"to": "home-sitter-table", "track": "halt"},
    "to the chain director": {"to": "chain-director", "track": "halt"},
    "to the meldcode desk": {"to": "meldcode-desk", "track": "halt"},
    "to another municipality": {"track": "halt"},
    "to the Doorstroompunt": {"to": "doorstroompunt", "track": "halt"},
    "of an adult": {
        "track": "halt",
        "proposed": {"track": "halt", "rule": "adult", "subject": "pupil"},
    },
    "prevention of a minor": {"track": "prevention"},
    "care meeting of a minor": {"track": "care-meeting"},
}


def full_case(row: Row) -> CaseSaid:
    hexes = {"case": "c" * 32, "findings": ["f" * 32]}
    return CaseSaid.model_validate(VALUES | hexes | BY_CONDITION[row.when])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.event}, {row.when}")
def test_no_field_of_a_case_is_told_that_is_not_on_the_rows_list(row):
    assert set(TRACES) | {"track", "to"} == set(CaseSaid.model_fields), (
        "a new field of a case needs a trace here"
    )
    case = full_case(row)
    told = [Told("care", "care-team", "Team")]
    made = [
        one for one in notices(an_event(row.event, case), case, told, EVERYBODY) if one.subject == row.subject
    ]
    assert made
    for notice in made:
        said = notice.said().model_dump_json()
        seen = {name for name, trace in TRACES.items() if trace in said}
        assert seen == {"case", *row.fields}
        assert set(notice.said().said()) == {
            "notice", "recipient", "about", "channel", "cause", "subject", *row.fields,
        }  # fmt: skip


def test_the_table_names_events_conditions_and_fields_that_exist_and_uses_every_condition():
    assert {row.event for row in TABLE} <= set(CASE_EVENTS)
    assert {row.when for row in TABLE} == set(CONDITIONS)
    assert {name for row in TABLE for name in row.fields} <= set(CaseSaid.model_fields) & set(
        NoticeSaid.model_fields
    )
    assert set(ROLES) == {one.role for one in EVERYBODY}
    assert all(row.ends is False for row in TABLE if row.role != THOSE_TOLD)
