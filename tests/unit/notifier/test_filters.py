from dataclasses import replace

import pytest

from aanwezig.contracts.envelope import type_of
from aanwezig.notifier.filters import TRACKS, Filter, domains_of, heard_of, refusal, types_heard
from aanwezig.notifier.table import ROLES_OF, TABLES, THOSE_TOLD

ESCALATED = type_of("case-escalated")
WITHDRAWN = type_of("case-withdrawn")
PROPOSED = type_of("case-track-proposed")


def refused(
    types=(ESCALATED,), *, tracks=(), municipalities=(), role="chain-director", town=None, domain="chain"
):
    return refusal(Filter(tuple(types), tuple(tracks), tuple(municipalities)), role, town, domain)


@pytest.mark.parametrize(
    ("wanted", "track", "municipality", "passes"),
    [
        (Filter((ESCALATED,)), "halt", "0637", True),
        (Filter((ESCALATED,)), None, None, True),
        (Filter((WITHDRAWN,)), "halt", "0637", False),
        (Filter((WITHDRAWN, ESCALATED)), "halt", "0637", True),
        (Filter((ESCALATED,), ("halt",)), "halt", "0637", True),
        (Filter((ESCALATED,), ("halt",)), "prevention", "0637", False),
        (Filter((ESCALATED,), ("halt",)), None, "0637", False),
        (Filter((ESCALATED,), (), ("0637",)), None, "0637", True),
        (Filter((ESCALATED,), (), ("0637",)), None, "0501", False),
        (Filter((ESCALATED,), (), ("0637",)), None, None, False),
        (Filter((ESCALATED,), ("halt",), ("0637",)), "halt", "0637", True),
        (Filter((ESCALATED,), ("halt",), ("0637",)), "halt", "0501", False),
    ],
)
def test_a_filter_lets_pass_what_meets_all_its_parts(wanted, track, municipality, passes):
    assert wanted.matches(ESCALATED, track, municipality) is passes


def test_what_is_said_twice_counts_once():
    twice = Filter((WITHDRAWN, ESCALATED, WITHDRAWN), ("halt", "halt"), ("0637", "0637"))
    assert twice.folded() == Filter((ESCALATED, WITHDRAWN), ("halt",), ("0637",))
    assert refusal(twice.folded(), "chain-director", None, "chain") is None


def test_a_role_may_ask_for_all_it_hears_by_name():
    for domain, roles in ROLES_OF.items():
        for role in roles:
            heard = types_heard(domain, role)
            assert heard
            assert refused(heard, tracks=TRACKS, municipalities=["0637"], role=role, domain=domain) is None


@pytest.mark.parametrize("types", [[], ["*"], ["nl.attendance.*"], [ESCALATED, "nl.attendance.*.v1"]])
def test_a_filter_that_asks_for_everything_is_too_broad_and_hears_what_there_is(types):
    problem = refused(types)
    assert (problem.code, problem.status, problem.known) == (
        "filter-too-broad", 422, types_heard("chain", "chain-director"),
    )  # fmt: skip
    assert ESCALATED in problem.hint("nl")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("nl.attendance.case-esclated.v1", ESCALATED),
        ("case-escalated", ESCALATED),
        ("nl.attendance.case-escalated.v2", ESCALATED),
        ("nl.attendance.CASE-ESCALATED.v1", ESCALATED),
        ("nl.attendance.zzzzzz.v1", None),
        ("", None),
    ],
)
def test_an_unknown_type_is_refused_with_the_nearest_that_the_role_hears(said, meant):
    problem = refused([ESCALATED, said])
    assert (problem.code, problem.nearest) == ("unknown-type", meant)
    assert problem.members("en")["field"] == "filter.types.1"
    assert ("Did you mean" in problem.hint("en")) == (meant is not None)
    assert WITHDRAWN in problem.hint("en")


def test_a_type_that_another_role_hears_is_named_as_such():
    assert refused([PROPOSED], role="attendance-officer") is None
    problem = refused([PROPOSED], role="care-team")
    assert problem.code == "type-never-heard"
    assert PROPOSED not in problem.hint("en")


def test_a_type_of_another_domain_says_which():
    measured = type_of("region-measured")
    assert refused([measured], domain="school") is None
    problem = refused([measured])
    assert (problem.code, problem.detail) == ("type-of-another-domain", "school")
    assert "school" in problem.sentence("nl")


def test_what_goes_by_no_webhook_can_be_heard_by_none():
    row = TABLES["school"][0]
    mailed = replace(row, event="only-mailed", channels=frozenset({"mail"}))
    assert heard_of([row, mailed], "school") == (type_of(row.event),)
    assert heard_of([mailed], "school") == ()


def test_who_can_be_told_hears_how_it_goes_on_and_who_cannot_hears_nothing():
    goes_on = {type_of(row.event) for row in TABLES["chain"] if row.role == THOSE_TOLD and not row.of}
    for role in ROLES_OF["chain"]:
        assert goes_on <= set(types_heard("chain", role))
    assert types_heard("chain", "halt") == ()
    # A dropped proposal is told to who was asked to decide, and to nobody else.
    dropped = type_of("case-proposal-dropped")
    assert dropped in types_heard("chain", "attendance-officer")
    assert dropped not in types_heard("chain", "care-team")
    # Good news is told to all who were told, and so is its retraction.
    assert type_of("case-finding-left") in types_heard("chain", "care-team")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Halt", "halt"),
        ("care", "care-meeting"),
        ("zzz", None),
        ("care-meetings", "care-meeting"),
        ("", None),
    ],
)
def test_an_unknown_track_is_refused_with_the_tracks_there_are(said, meant):
    assert refused(tracks=["halt"]) is None
    problem = refused(tracks=["halt", said])
    assert (problem.code, problem.nearest, problem.known) == ("unknown-track", meant, TRACKS)
    assert problem.members("nl")["field"] == "filter.tracks.1"


@pytest.mark.parametrize("said", ["637", "06377", "Zoetermeer", "0637 ", "0000", "", "٠٦٣٧"])
def test_a_municipality_is_a_cbs_code(said):
    assert refused(municipalities=["0637"]) is None
    problem = refused(municipalities=[said])
    assert (problem.code, problem.members("en")["field"]) == ("no-municipality", "filter.municipalities.0")


def test_who_serves_one_municipality_cannot_ask_for_another():
    assert refused(municipalities=["0637"], town="0637") is None
    assert refused(town="0637") is None
    assert refused(municipalities=["0637", "0501"]) is None
    problem = refused(municipalities=["0637", "0501"], town="0637")
    assert (problem.code, problem.known) == ("another-municipality", ("0637",))
    assert "0501" not in problem.sentence("en")


def test_a_role_may_hear_in_more_than_one_domain():
    assert set(domains_of("chain-director")) == {"chain", "school"}
    assert domains_of("halt") == ("justice",)
    assert domains_of("nobody") == ()
