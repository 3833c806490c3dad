"""A region's year on the real road: from a school's event to a notice, and what stands in the end."""

import pytest

from aanwezig.contracts.allowed import ALLOWED
from aanwezig.contracts.findings import KINDS, NOT_OF_THE_CHAIN, OF_A_SCHOOL, OF_HEALTH
from aanwezig.contracts.topics import (
    CALENDARS,
    CASES,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CROSSINGS,
    FACTS,
    FEEDS,
    FINDING_EVENTS,
    FINDINGS,
    HEALTH_CASES,
    HEALTH_DECISIONS,
    HEALTH_FINDINGS,
    HEALTH_NOTICES,
    JUSTICE_NOTICES,
    NOTICES,
    SCHOOL_NOTICES,
    SIGNALS,
    TOPICS,
    Domain,
)
from support.apart import beyond_the_list, bridges
from support.living import LAST_CLOSED, offline, offline_of_schools, pseudonyms_for, standing_now
from support.road import SERVICES

OF_THE_CHAIN = set(KINDS) - NOT_OF_THE_CHAIN
pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.timeout(400)]


def test_every_row_got_the_receipt_it_deserves(lived, the_region):
    truth = the_region.truth()
    refused = {code: count for code, count in lived.outcomes.items() if code not in {"accepted", "duplicate"}}
    assert lived.outcomes["accepted"] == truth.accepted
    assert lived.outcomes["duplicate"] == truth.duplicates
    assert refused == truth.refused


def test_what_stands_live_is_what_the_law_says_offline(lived, the_region):
    accepted = the_region.accepted_events()
    live = standing_now(
        [row for topic in (FINDINGS, HEALTH_FINDINGS, SIGNALS) for row in lived.topics[topic.name]]
    )
    expected = {
        (name, one.school, one.kind, one.school_year, one.ordinal, one.at.isoformat(), str(one.measured.value))
        for text, findings in offline(accepted, LAST_CLOSED).items()
        for one in findings
        for name in pseudonyms_for(one, text)
    } | {
        (None, one.school, one.kind, one.school_year, one.ordinal, one.at.isoformat(), str(one.measured.value))
        for one in offline_of_schools(accepted, LAST_CLOSED)
    }  # fmt: skip
    found = {
        (one["pupil"], one["school"], one["kind"], one["school_year"], one["ordinal"], one["at"], one["measured"]["exact"])
        for one in live.values()
    }  # fmt: skip
    assert found == expected
    assert len(live) == len(found) > 20


def test_every_kind_stands_on_its_own_topics_alone(lived):
    for topic, kinds in (
        (HEALTH_FINDINGS, OF_HEALTH),
        (SIGNALS, OF_A_SCHOOL | (OF_THE_CHAIN - {"absolute"})),
    ):
        findings = standing_now(lived.topics[topic.name]).values()
        assert {one["kind"] for one in findings} <= kinds
        assert {one["kind"] for one in findings} & kinds
    assert {one["kind"] for one in standing_now(lived.topics[FINDINGS.name]).values()} <= OF_THE_CHAIN
    measured = [event for _, event in lived.topics[SIGNALS.name] if "distance-measured" in event["type"]]
    assert measured
    assert {key == event["data"]["school"] for key, event in lived.topics[SIGNALS.name]} == {True}


def test_every_event_of_the_year_was_said_where_it_belongs_and_its_names_nowhere_else(lived):
    """What is for a school or for health alone: neither the event, nor its finding, nor its pupil elsewhere."""
    apart = {topic.name: set() for topic in (HEALTH_FINDINGS, SIGNALS)}
    for topic in TOPICS:
        for _, event in lived.topics[topic.name]:
            name, data = event["type"].removeprefix("nl.attendance.").removesuffix(".v1"), event["data"]
            assert name in topic.events
            if topic.name in apart:
                apart[topic.name] |= {event["id"], data.get("finding"), data.get("pupil")} - {None}
            if name in FINDING_EVENTS:
                assert data["kind"] in {
                    FINDINGS.name: OF_THE_CHAIN, HEALTH_FINDINGS.name: OF_HEALTH, SIGNALS.name: OF_THE_CHAIN | OF_A_SCHOOL,
                }[topic.name]  # fmt: skip
    for topic in TOPICS:
        told = "\n".join(str(row) for row in lived.topics[topic.name])
        if topic.domain in {Domain.CHAIN, Domain.JUSTICE}:
            assert not any(name in told for names in apart.values() for name in names)
            assert "sickness-" not in told
            assert "distance-measured" not in told
        if topic.domain is Domain.HEALTH:
            assert not any(name in told for name in apart[SIGNALS.name])
    assert {name: len(names) > 20 for name, names in apart.items()} == dict.fromkeys(apart, True)


def test_nothing_was_parked_and_no_id_has_two_contents(lived):
    for topic in TOPICS:
        if topic.name.endswith(".parked.v1"):
            assert lived.topics[topic.name] == []
        contents = {}
        for _, event in lived.topics[topic.name]:
            known = contents.setdefault((event["source"], event["id"]), event)
            assert known == event


def test_the_table_and_the_director_hear_once_per_cause(lived):
    notices = [event["data"] for _, event in lived.topics[NOTICES.name]]
    cases = [event for _, event in lived.topics[CASES.name]]
    told = [
        (one["recipient"]["role"], one["recipient"]["organisation"], one["channel"], one["cause"])
        for one in notices
    ]
    assert len(told) == len(set(told))
    for name, to, role in (
        ("case-escalated", "home-sitter-table", "home-sitter-table"), ("case-stagnated", None, "chain-director"),
    ):  # fmt: skip
        causes = {
            one["id"] for one in cases if name in one["type"] and (to is None or one["data"].get("to") == to)
        }
        heard = {cause for told_role, _, _, cause in told if told_role == role}
        assert causes
        assert causes <= heard


def test_the_trace_of_the_schools_event_reaches_the_notice(lived, the_region):
    given = {event.get("traceparent") for event in the_region.accepted_events()}
    findings = {event["traceparent"] for _, event in lived.topics[FINDINGS.name] if "traceparent" in event}
    notices = [event for _, event in lived.topics[NOTICES.name]]
    carried = [event["traceparent"] for event in notices if "traceparent" in event]
    assert carried
    assert set(carried) <= findings | given


def test_nothing_of_a_person_stands_in_keys_headers_logs_spans_or_metrics(lived, the_region):
    named = {pupil.ref.number or pupil.ref.local for pupil in the_region.pupils}
    ids = {event["id"] for event in the_region.accepted_events()}
    assert len(named) > 40
    for topic in TOPICS:
        events = lived.topics[topic.name]
        envelopes = [
            str({name: value for name, value in event.items() if name != "data"}) for _, event in events
        ]
        if topic.name not in {FACTS.name, CALENDARS.name, FEEDS.name, SIGNALS.name}:
            envelopes += [str(event["data"]) for _, event in events]
            assert not ids & {event["id"] for _, event in events}
        around = "\n".join(lived.outsides[topic.name] + envelopes)
        assert [one for one in named if one in around] == []
        within = "\n".join({str(event["data"]) for _, event in events})
        assert [one for one in named if one in within] == []
    for service in SERVICES:
        written = lived.logs[service] + lived.spans[service] + lived.metrics[service]
        assert "service.ready" in written
        assert "traceId" in written
        assert [one for one in named if one in written] == []
        assert not any(one in written for one in ids)


def test_nothing_is_said_that_is_not_on_the_list_of_its_topic(lived):
    # Youth health care does not decide in this year, and of the notifiers that of the chain alone runs on this road.
    silent = {topic for topic in ALLOWED if not lived.topics[topic]}
    assert silent <= {
        HEALTH_DECISIONS.name, CASES_POLICE_REPORT.name, SCHOOL_NOTICES.name, HEALTH_NOTICES.name, JUSTICE_NOTICES.name,
    }  # fmt: skip
    assert beyond_the_list(lived.topics) == []


def test_no_mark_leads_from_one_domain_to_another(lived):
    assert bridges(lived.topics) == {}


def test_who_is_ill_has_a_case_with_youth_health_care_alone(lived):
    found = {
        event["data"]["pupil"] for _, event in lived.topics[HEALTH_FINDINGS.name] if "pupil" in event["data"]
    }
    cases = [event["data"] for _, event in lived.topics[HEALTH_CASES.name]]
    assert {case["pupil"] for case in cases} == found
    assert {case["track"] for case in cases} <= {None, "care-meeting"}


def test_justice_says_what_crossed_and_nothing_else(lived):
    crossed, said = (
        {(key, event["id"], str(event)) for topic in topics for key, event in lived.topics[topic.name]}
        for topics in ((CROSSINGS,), (CASES_HALT, CASES_POLICE_REPORT))
    )
    assert crossed == said != set()


def test_in_the_end_everyone_is_live_and_nothing_waits(lived):
    for service in SERVICES:
        assert lived.live[service] == {"live": True, "why": None}
        assert lived.ready[service]["ready"]
        assert set(lived.ready[service]["lag"].values()) <= {0}
        assert lived.ready[service]["parked"] == 0
        assert "service.stopped" in lived.logs[service]
