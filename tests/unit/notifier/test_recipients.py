import hashlib
from dataclasses import replace

import pytest
from pydantic import ValidationError

from aanwezig.notifier.recipients import Recipients
from aanwezig.notifier.settings import NotifierSettings
from support.notifying import a_recipient, registration


async def test_the_newest_word_of_each_recipient_stands_until_it_is_removed():
    view = Recipients()
    desk = a_recipient("desk", "home-sitter-table")
    await view.on_register("recipient/desk", registration(desk))
    await view.on_register(
        "recipient/team", registration(a_recipient("team", "care-team", channel="webhook"))
    )
    assert [one.recipient for one in view] == ["desk", "team"]
    moved = desk.model_copy(update={"municipality": "0637"})
    await view.on_register("recipient/desk", registration(moved, nth=2))
    assert view.get("desk") == moved
    await view.on_register("recipient/desk", None)
    await view.on_register("recipient/nobody", None)
    assert view.get("desk") is None
    assert [one.recipient for one in view] == ["team"]


async def test_other_records_of_the_register_and_wrong_ones_change_nothing():
    view = Recipients()
    good = registration(a_recipient("desk", "home-sitter-table"))
    await view.on_register("recipient/desk", good)
    await view.on_register("officer/desk", replace(good, data={"officer": "o"}))
    await view.on_register("recipient/desk", replace(good, data={"recipient": "desk"}))
    assert [one.role for one in view] == ["home-sitter-table"]


@pytest.mark.parametrize("key", ["", "zz" * 32, "ab" * 31, "ab" * 33])
def test_a_seal_key_is_64_hexadecimal_characters(key):
    with pytest.raises(ValidationError, match="seal_key"):
        NotifierSettings(kafka="127.0.0.1:9092", mongo="mongodb://127.0.0.1", port=8004, seal_key=key)


def test_the_settings_never_show_the_key():
    settings = NotifierSettings(
        kafka="127.0.0.1:9092", mongo="mongodb://127.0.0.1", port=8004, seal_key="ab" * 32
    )
    assert "abab" not in repr(settings)
    assert settings.webhook_pace == 1.0
    assert settings.webhook_allow_private is False


async def test_a_key_is_its_recipients_until_it_is_replaced_or_removed():
    view = Recipients()
    hashed = [hashlib.sha256(key.encode()).hexdigest() for key in ("first", "second")]
    await view.on_register("recipient/desk", registration(a_recipient("desk", "care-team", keys=hashed[:1])))
    assert view.by_key("first").recipient == "desk"
    assert view.by_key("second") is None
    await view.on_register("recipient/desk", registration(a_recipient("desk", "care-team", keys=hashed[1:])))
    assert (view.by_key("first"), view.by_key("second").recipient) == (None, "desk")
    await view.on_register("recipient/desk", None)
    assert view.by_key("second") is None
