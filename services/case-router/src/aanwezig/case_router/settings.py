"""Settings of the case-router beside those every service has."""

from pydantic import Field

from aanwezig.chassis.settings import Key, ServiceSettings


class CaseRouterSettings(ServiceSettings):
    """What the case-router needs beyond the chassis."""

    justice_key: Key = Field(description="Key of the justice domain's pseudonyms: 64 hexadecimal characters.")
