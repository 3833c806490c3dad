"""Whom a cause is told to: places, ways, and retractions to exactly those who were told."""

from datetime import UTC, datetime

import pytest

from aanwezig.notifier.filters import Filter
from aanwezig.notifier.whom import NO_ADDRESS, NOBODY_REGISTERED, UNREGISTERED, Cause, Told, notices
from support.notifying import ZOETERMEER, a_case, a_home_sitter, a_recipient, an_event, known_ways
from support.subscribed import a_subscription

TABLE_DESK = a_recipient("table", "home-sitter-table")
PARTNERSHIP = a_recipient("swv", "school-partnership")
DIRECTOR = a_recipient("director", "chain-director")
OFFICER = a_recipient("officer", "attendance-officer", municipality=ZOETERMEER)


def made_by(event, *recipients, told=(), subscriptions=()):
    case = a_case().model_validate(event.data)
    ways = known_ways(*recipients, subscriptions=subscriptions)
    return notices("chain", Cause(event, case, case.case, 0), list(told), ways)


def told_by(event, *recipients, told=(), subscriptions=()):
    made = made_by(event, *recipients, told=told, subscriptions=subscriptions)
    return {(one.recipient, one.word) for one in made if one.missing is None}


def told(recipient, word, channel="topic", via=""):
    return Told(recipient, "a-role", f"organisation of {recipient}", channel, via, word)


def test_a_recipient_of_another_municipality_hears_nothing_and_one_of_the_region_hears_all():
    near = a_recipient("near", "home-sitter-table", municipality=ZOETERMEER)
    far = a_recipient("far", "home-sitter-table", municipality="0150")
    region = a_recipient("region", "home-sitter-table")
    assert {one for one, _ in told_by(a_home_sitter(), near, far, region, PARTNERSHIP)} == {
        "near",
        "region",
        "swv",
    }
    unknown = a_home_sitter(municipality=None)
    assert {one for one, _ in told_by(unknown, near, far, region, PARTNERSHIP)} == {"region", "swv"}


@pytest.mark.parametrize("recipients", [[], [a_recipient("far", "chain-director", municipality="0150")]])
def test_a_role_without_anybody_is_one_notice_that_failed(recipients):
    (notice,) = made_by(an_event("case-stagnated", a_case(timer="meeting")), *recipients)
    assert (notice.recipient, notice.organisation, notice.channel, notice.missing) == (
        "nobody:chain-director", UNREGISTERED, "topic", NOBODY_REGISTERED,
    )  # fmt: skip


def test_a_recipient_without_an_address_is_a_notice_that_failed():
    nowhere = a_recipient("director", "chain-director", channel="webhook")
    (notice,) = made_by(an_event("case-stagnated", a_case(timer="meeting")), nowhere)
    assert (notice.recipient, notice.channel, notice.missing) == ("director", "webhook", NO_ADDRESS)


def test_a_retraction_goes_to_exactly_those_who_were_told_and_by_the_same_way():
    mine = a_subscription("director")
    event = an_event("case-withdrawn", a_case())
    those = [told("table", "new-home-sitter"), told("director", "stagnated", "webhook", mine.id)]
    made = made_by(event, TABLE_DESK, DIRECTOR, OFFICER, told=those, subscriptions=[mine])
    assert {(one.recipient, one.channel, one.via, one.word, one.ends) for one in made} == {
        ("table", "topic", "", "withdrawn", True), ("director", "webhook", mine.id, "withdrawn", True),
    }  # fmt: skip
    assert made_by(event, TABLE_DESK, DIRECTOR, told=[]) == []


def test_a_proposal_that_is_dropped_is_taken_back_from_the_officer_who_was_asked_and_from_nobody_else():
    event = an_event("case-proposal-dropped", a_case())
    those = [told("officer", "decision-asked"), told("table", "new-home-sitter")]
    assert told_by(event, OFFICER, TABLE_DESK, told=those) == {("officer", "no-longer-asked")}


@pytest.mark.parametrize(
    ("before", "now"), [("normal", "normal"), ("same-day", "same-day"), ("at-once", "at-once")]
)
def test_what_takes_back_an_urgent_word_is_as_urgent(before, now):
    those = [Told("table", "home-sitter-table", "x", "topic", "", "new-home-sitter", before)]
    (notice,) = made_by(an_event("case-withdrawn", a_case()), TABLE_DESK, told=those)
    assert notice.urgency == now
    (closed,) = made_by(an_event("case-closed", a_case()), TABLE_DESK, told=those)
    assert closed.urgency == "normal"


def test_a_home_sitter_that_is_none_after_all_is_taken_back_though_its_case_goes_on():
    those = [
        told("table", "new-home-sitter"),
        told("director", "needs-attention"),
        told("officer", "on-your-track"),
    ]
    event = an_event("case-finding-left", a_case(to="home-sitter-table"))
    assert told_by(event, TABLE_DESK, DIRECTOR, OFFICER, told=those) == {
        ("table", "withdrawn"), ("director", "withdrawn"),
    }  # fmt: skip
    assert told_by(an_event("case-finding-left", a_case()), TABLE_DESK, told=those) == set()


def test_a_care_team_hears_that_a_case_went_on_by_another_track_and_the_officer_keeps_it():
    care = Told("care", "care-team", "Team", "topic", "", "on-your-track")
    officer = Told("officer", "attendance-officer", "Gemeente", "topic", "", "on-your-track")
    decided = an_event("case-track-decided", a_case(track="halt"))
    assert told_by(decided, OFFICER, told=[care, officer]) == {("care", "no-longer-yours")}


def test_a_subscription_that_does_not_ask_for_it_is_no_address_where_the_register_has_none():
    mine = a_subscription("director", wanted=Filter(("nl.attendance.case-escalated.v1",)))
    event = an_event("case-stagnated", a_case(timer="meeting"))
    nowhere = a_recipient("director", "chain-director", channel="webhook")
    assert [one.missing for one in made_by(event, nowhere, subscriptions=[mine])] == [NO_ADDRESS]
    assert [one.channel for one in made_by(event, DIRECTOR, subscriptions=[mine])] == ["topic"]


@pytest.mark.parametrize("news", ["returned", "presence-restored"])
def test_good_news_goes_to_everyone_who_was_told_the_bad_and_its_retraction_to_who_heard_it(news):
    those = [told("table", "new-home-sitter"), told("director", "stagnated")]
    joined = an_event("case-finding-joined", a_case(news=news))
    assert told_by(joined, TABLE_DESK, DIRECTOR, OFFICER, told=those) == {("table", news), ("director", news)}
    left = an_event("case-finding-left", a_case(news=news))
    assert told_by(left, TABLE_DESK, DIRECTOR, told=[*those, told("table", news)]) == {
        ("table", "good-news-withdrawn")
    }
    assert told_by(an_event("case-finding-joined", a_case()), TABLE_DESK, DIRECTOR, told=those) == set()


def test_who_left_the_register_finds_the_retraction_on_the_topic():
    (notice,) = made_by(
        an_event("case-withdrawn", a_case()), told=[told("care", "on-your-track", "webhook", "s" * 32)]
    )
    assert (notice.recipient, notice.channel, notice.organisation, notice.missing) == (
        "care", "topic", "organisation of care", None,
    )  # fmt: skip


def test_whoever_serves_both_municipalities_hears_of_a_move_once():
    everywhere = a_recipient("region", "attendance-officer")
    there = a_recipient("there", "attendance-officer", municipality="0150")
    event = an_event("case-handed-over", a_case(left="0150"))
    assert told_by(event, everywhere) == {("region", "moved-to-you")}
    assert told_by(event, there, OFFICER) == {("officer", "moved-to-you"), ("there", "moved-away")}
    assert told_by(event, everywhere, there) == {("region", "moved-to-you"), ("there", "moved-away")}


def test_the_desks_a_case_comes_to_hear_of_it_and_those_of_the_region_heard_before():
    table, team = (
        a_recipient(f"{role}-here", role, municipality=ZOETERMEER)
        for role in ("home-sitter-table", "care-team")
    )
    there = a_recipient("table-there", "home-sitter-table", municipality="0150")
    event = an_event("case-handed-over", a_case(left="0150", track="care-meeting", home_since="2024-09-02"))
    assert told_by(event, table, team, there, TABLE_DESK, PARTNERSHIP, OFFICER) - {("officer", "moved-to-you")} == {
        ("home-sitter-table-here", "new-home-sitter"), ("care-team-here", "on-your-track"),
    }  # fmt: skip
    again = an_event("case-handed-over", a_case(left="0150"))
    assert told_by(again, table, team, OFFICER) == {("officer", "moved-to-you")}


def test_an_id_follows_from_cause_recipient_and_way():
    case = a_case(timer="meeting")
    first, again = an_event("case-stagnated", case), an_event("case-stagnated", case, nth=2)
    moved = DIRECTOR.model_copy(update={"channel": "mail", "address": "regio@example.nl"})
    other = a_recipient("other", "chain-director")
    ids = [
        made_by(event, recipient)[0].id
        for event, recipient in [(first, DIRECTOR), (again, DIRECTOR), (first, moved), (first, other)]
    ]
    mine = a_subscription("director")
    both = [one.id for one in made_by(first, DIRECTOR, subscriptions=[mine])]
    assert len({*ids, *both}) == 5
    assert made_by(first, DIRECTOR)[0].id == ids[0] == both[0]


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (Filter(("nl.attendance.case-stagnated.v1",)), True),
        (Filter(("nl.attendance.case-escalated.v1",)), False),
        (Filter(("nl.attendance.case-stagnated.v1",), ("prevention",)), True),
        (Filter(("nl.attendance.case-stagnated.v1",), ("care-meeting",)), False),
        (Filter(("nl.attendance.case-stagnated.v1",), (), (ZOETERMEER,)), True),
        (Filter(("nl.attendance.case-stagnated.v1",), (), ("0150",)), False),
    ],
)
def test_a_subscription_hears_what_its_filter_asks_for(wanted, heard):
    mine = a_subscription("director", wanted=wanted)
    nowhere = a_recipient("director", "chain-director", channel="webhook")
    made = made_by(an_event("case-stagnated", a_case(timer="meeting")), nowhere, subscriptions=[mine])
    assert [(one.via, one.missing) for one in made] == ([(mine.id, None)] if heard else [("", NO_ADDRESS)])


def test_what_is_made_for_one_recipient_is_told_to_it_alone():
    from aanwezig.notifier.made import AGENDA, Made, cause_of  # noqa: PLC0415

    another = a_recipient("another", "home-sitter-table")
    made = Made(about="a" * 32, on=datetime(2024, 10, 14, tzinfo=UTC).date())
    found = notices(
        "chain", cause_of(AGENDA, made, partition=0, only="table"), [], known_ways(TABLE_DESK, another)
    )
    assert [(one.recipient, one.word) for one in found] == [("table", "agenda-ready")]
