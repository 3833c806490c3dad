import pytest
from pydantic import ValidationError

from aanwezig.intake.settings import IntakeSettings

GIVEN = {"kafka": "127.0.0.1:9092", "mongo": "mongodb://127.0.0.1", "port": 8001, "number_key": "ab" * 32}


@pytest.mark.parametrize("wrong", ["", "ab" * 31, "zz" * 32])
def test_a_wrong_key_stops_the_start_with_its_name_and_without_its_value(wrong):
    with pytest.raises(ValidationError) as refused:
        IntakeSettings(**GIVEN, pseudonym_key=wrong)
    assert [error["loc"] for error in refused.value.errors()] == [("pseudonym_key",)]
    assert not wrong or wrong[:4] not in str(refused.value)


def test_a_key_is_never_shown():
    settings = IntakeSettings(**GIVEN, pseudonym_key="cd" * 32)
    assert "cdcd" not in repr(settings)
    assert "abab" not in repr(settings)


def test_every_limit_says_what_it_limits():
    fields = IntakeSettings.model_fields
    assert all(fields[name].description for name in fields)


@pytest.mark.parametrize(("room", "enough"), [(40_000, True), (39_999, False)])
def test_there_is_room_for_a_packed_and_an_unpacked_body_of_one_system(room, enough):
    limits = {"pseudonym_key": "cd" * 32, "max_bytes": 10_000, "bytes_in_hand": room}
    if enough:
        assert IntakeSettings(**GIVEN, **limits).bytes_in_hand == room
    else:
        with pytest.raises(ValidationError, match="four times max_bytes"):
            IntakeSettings(**GIVEN, **limits)
