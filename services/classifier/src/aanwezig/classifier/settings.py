"""Settings of the classifier; those of every service stand in the chassis."""

from typing import Literal

from pydantic import DirectoryPath, Field, SecretStr

from aanwezig.chassis.settings import Key, ServiceSettings


class ClassifierSettings(ServiceSettings):
    """What the classifier needs beside what every service needs."""

    chain_key: Key = Field(description="Key of the chain domain's pseudonyms: 64 hexadecimal characters.")
    health_key: Key = Field(description="Key of the health domain's pseudonyms: 64 hexadecimal characters.")
    operator_key: SecretStr = Field(
        description="Key with which an operator closes a day, and asks for parked records."
    )
    clock: Literal["wall", "commanded"] = Field(
        default="wall",
        description="Whether a day closes at 06:00 the next morning, or when an operator says so.",
    )
    default_pack: str = Field(default="nl-2024", description="Pack of municipalities that chose none.")
    packs: DirectoryPath | None = Field(
        default=None,
        description="Folder of rule packs beside those that are shipped; read again when a file changes.",
    )
    memory_words: int = Field(
        default=300_000,
        ge=1_000,
        description="Words of pupils kept in memory; the rest is read from the ledger again.",
    )
    memory_pupils: int = Field(
        default=200_000, ge=100, description="Pupils of whom the attention is kept in memory."
    )
    memory_shares: int = Field(
        default=300_000,
        ge=100,
        description="Pupils of schools' feeds kept in memory; the rest is read again.",
    )
