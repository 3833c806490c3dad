"""Settings: a wrong one stops the start with its name, and no secret is shown."""

import pytest
from pydantic import SecretStr, ValidationError

from aanwezig.chassis.settings import ServiceSettings, key_bytes

GOOD = {"KAFKA": "127.0.0.1:9092", "MONGO": "mongodb://someone:hush@127.0.0.1:27017", "PORT": "8080"}


@pytest.fixture
def environment(monkeypatch):
    """Sets variables `AANWEZIG_<NAME>`; those of the machine do not play a part."""
    for name in ServiceSettings.model_fields:
        monkeypatch.delenv(f"AANWEZIG_{name.upper()}", raising=False)

    def told(**values):
        for name, value in {**GOOD, **values}.items():
            monkeypatch.setenv(f"AANWEZIG_{name}", value)

    return told


def test_what_is_told_is_read_and_the_rest_has_a_default(environment):
    environment(KAFKA=" a:1 , b:2", PARKING_BUDGET="0")
    settings = ServiceSettings()
    assert settings.bootstrap == ["a:1", "b:2"]
    assert (settings.port, settings.parking_budget, settings.instance) == (8080, 0, "0")
    assert settings.mongo_driver == "pymongo"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("KAFKA", "127.0.0.1"), ("KAFKA", "a:1,b"), ("KAFKA", ""), ("KAFKA", "host:port"),
        ("MONGO_DRIVER", "mysql"), ("DATABASE_PREFIX", "Aanwezig"), ("DATABASE_PREFIX", "a/b"), ("DATABASE_PREFIX", ""),
        ("INSTANCE", "A b"), ("INSTANCE", ""), ("PORT", "0"), ("PORT", "65536"), ("PORT", "http"),
        ("SESSION_TIMEOUT_MS", "999"), ("SESSION_TIMEOUT_MS", "300001"), ("BATCH_RECORDS", "0"), ("BATCH_RECORDS", "50001"),
        ("GRACE_SECONDS", "0"), ("PATIENCE_SECONDS", "0"), ("PATIENCE_SECONDS", "121"), ("STALL_SECONDS", "0"),
        ("PARKING_BUDGET", "-1"), ("LOG_LEVEL", "LOUD"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(environment, name, wrong):
    environment(**{name: wrong})
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert [str(error["loc"][0]).upper().removeprefix("AANWEZIG_") for error in refused.value.errors()] == [
        name
    ]
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_setting_is_named(environment, monkeypatch, name):
    environment()
    monkeypatch.delenv(f"AANWEZIG_{name}")
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert name.lower() in str(refused.value).lower()


def test_a_secret_is_not_shown(environment):
    environment()
    settings = ServiceSettings()
    assert "hush" not in f"{settings} {settings!r} {settings.model_dump()}"
    assert "hush" in settings.mongo.get_secret_value()


def test_settings_do_not_change_while_a_service_runs(environment):
    environment()
    with pytest.raises(ValidationError):
        ServiceSettings().port = 1


def test_every_setting_says_what_it_is():
    assert all(field.description for field in ServiceSettings.model_fields.values())


@pytest.mark.parametrize("wrong", ["", "ab" * 31, "ab" * 33, "zz" * 32])
def test_a_key_is_32_bytes(wrong):
    assert key_bytes(SecretStr("ab" * 32)) == b"\xab" * 32
    with pytest.raises(ValueError, match="hexadecimal"):
        key_bytes(SecretStr(wrong))
