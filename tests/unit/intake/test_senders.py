import pytest

from aanwezig.intake.senders import Senders
from support.submitted import a_school_event, a_system_event, registered


@pytest.fixture
def senders():
    return Senders()


async def test_a_key_is_known_by_its_hash_from_its_record_on(senders):
    assert senders.by_key("key-1") is None
    await senders.on_change("system/test", a_system_event())
    assert senders.by_key("key-1").id == "test"
    assert senders.by_key("key-1").schools == {"25PL00"}
    assert senders.by_key("key-2") is None


async def test_two_keys_are_valid_while_one_replaces_the_other(senders):
    await senders.on_change("system/test", a_system_event(keys=("old", "new")))
    assert senders.by_key("old") is senders.by_key("new")
    await senders.on_change("system/test", a_system_event(keys=("new",)))
    assert senders.by_key("old") is None
    assert senders.by_key("new") is not None


async def test_a_removed_system_or_school_is_gone_at_once(senders):
    await senders.on_change("system/test", a_system_event())
    await senders.on_change("school/25PL00", a_school_event())
    assert senders.knows_school("25PL00")
    await senders.on_change("system/test", None)
    await senders.on_change("school/25PL00", None)
    assert senders.by_key("key-1") is None
    assert not senders.knows_school("25PL00")


async def test_a_record_that_is_not_the_contract_changes_nothing(senders):
    await senders.on_change("system/test", a_system_event())
    await senders.on_change("system/test", registered("system-registered", {"system": "test"}))
    await senders.on_change("system/test", a_system_event("another", keys=("stolen",)))
    await senders.on_change("school/25PL00", registered("school-registered", {}))
    assert senders.by_key("key-1") is not None
    assert senders.by_key("stolen") is None
    assert not senders.knows_school("25PL00")


async def test_records_for_others_pass_by(senders):
    await senders.on_change("municipality/0637", registered("municipality-registered", {}))
    assert not senders.knows_school("0637")
