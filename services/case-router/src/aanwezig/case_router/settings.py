"""Settings of the case-router beside those every service has."""

from typing import Self

from pydantic import Field, model_validator

from aanwezig.case_router.domains import Domain
from aanwezig.chassis.settings import AskedSettings, Key


class CaseRouterSettings(AskedSettings):
    """What the case-router needs beyond the chassis."""

    domain: Domain = Field(
        default="chain",
        description="Which domain this instance works for; each has its own database, topics and credential.",
    )
    justice_key: Key | None = Field(
        default=None,
        description="Key of the justice domain's pseudonyms: 64 hexadecimal characters; the domain `chain` must have it.",
    )

    @model_validator(mode="after")
    def _chain_has_the_key_it_crosses_with(self) -> Self:
        if self.domain == "chain" and self.justice_key is None:
            raise ValueError("AANWEZIG_JUSTICE_KEY must be set where AANWEZIG_DOMAIN is chain")
        return self
