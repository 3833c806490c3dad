"""Settings of the case-router beside those every service has."""

from pydantic import Field, SecretStr, field_validator

from aanwezig.chassis.settings import ServiceSettings, key_bytes


class CaseRouterSettings(ServiceSettings):
    """What the case-router needs beyond the chassis."""

    justice_key: SecretStr = Field(
        description="Key of the justice domain's pseudonyms: 64 hexadecimal characters."
    )

    @field_validator("justice_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        key_bytes(value)
        return value
