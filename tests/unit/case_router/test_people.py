"""Who is known: officers by key and name, partners by name, as the register tells it now."""

import pytest

from aanwezig.case_router.people import People, Speaker
from aanwezig.contracts.envelope import Event
from support.people import a_partner, an_officer, hears, key_of, people


def test_an_officer_is_known_by_every_key_it_has_and_by_no_other():
    known = people(an_officer("anna", "0637", "old key", "new key"))
    anna = Speaker("anna", "attendance-officer", "0637")
    assert [known.by_key(key) for key in ("old key", "new key", "another")] == [anna, anna, None]
    hears(known, "officer/anna", an_officer("anna", "0637", "new key"))
    assert [known.by_key(key) for key in ("old key", "new key")] == [None, anna]


def test_whoever_is_removed_is_known_no_longer():
    known = people(an_officer("anna", "0637", "key"), a_partner("halt-1", "halt"))
    for key in ("officer/anna", "recipient/halt-1"):
        hears(known, key, None)
    assert (known.by_key("key"), known.named("anna"), known.named("halt-1")) == (None, None, None)


def test_a_partner_is_known_by_name_with_its_role_and_decides_nothing():
    known = people(a_partner("team-1", "care-team", "0637"), an_officer("both"), a_partner("both", "halt"))
    assert known.named("team-1") == Speaker("team-1", "care-team", "0637", decides=False)
    assert known.named("both") == Speaker("both", "attendance-officer", "0637")
    assert known.named("nobody") is None


@pytest.mark.parametrize("domain", ["chain", "health"])
def test_each_domain_knows_its_own_people_alone(domain):
    known = people(
        an_officer("arts", "0637", "arts", role="youth-health-care"), an_officer("anna", "0637", "anna"),
        a_partner("jgz", "youth-health-care"), a_partner("team", "care-team"), domain=domain,
    )  # fmt: skip
    found = {name for name in ("arts", "anna", "jgz", "team") if known.named(name) is not None}
    assert found == ({"arts", "jgz"} if domain == "health" else {"anna", "team"})
    assert (known.by_key("arts") is None) == (domain == "chain")


@pytest.mark.parametrize("key", ["officer/anna", "recipient/team"])
def test_a_slip_in_the_register_shuts_nobody_out(key):
    known = people(an_officer("anna", "0637", "key"), a_partner("team", "care-team"))
    for wrong in (an_officer("bram", "0637", "key"), a_partner("other", "halt"), _nothing()):
        hears(known, key, wrong)
    assert known.by_key("key") == Speaker("anna", "attendance-officer", "0637")
    assert known.named("team") == Speaker("team", "care-team", None, decides=False)


def test_other_records_of_the_register_are_passed_over():
    known = People()
    hears(known, "school/25PL00", _nothing())
    assert known.named("25PL00") is None
    assert key_of(an_officer("anna")) == "officer/anna"


def _nothing() -> Event:
    event = an_officer()
    return Event(event.id, event.source, event.name, event.time, {})
