"""Settings every service has. Each is declared, documented and verified here or in the service that uses it.

A setting `name` is read from the environment variable `AANWEZIG_NAME`; a wrong one stops the start with its name.
"""

import ssl
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from aanwezig.chassis.access import Access, Credential, Mechanism, Protocol


class ServiceSettings(BaseSettings):
    """What the chassis needs to run a service."""

    model_config = SettingsConfigDict(
        env_prefix="AANWEZIG_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    kafka: str = Field(description="Kafka's addresses, host:port, separated by commas.")
    kafka_protocol: Protocol = Field(
        default="PLAINTEXT",
        description="How Kafka is spoken to: encrypted (`SSL`), with a credential (`SASL`), both or neither.",
    )
    kafka_user: str | None = Field(
        default=None, description="Name under which Kafka knows this service; with `SASL` it must be set."
    )
    kafka_password: SecretStr | None = Field(
        default=None, description="Password that goes with that name; with `SASL` it must be set."
    )
    kafka_mechanism: Mechanism = Field(
        default="SCRAM-SHA-512", description="How name and password are shown to Kafka."
    )
    kafka_ca: FilePath | None = Field(
        default=None,
        description="File with the authority that signed Kafka's certificate (PEM); none: those of the machine.",
    )
    mongo: SecretStr = Field(description="MongoDB's connection string; it may hold a credential.")
    mongo_driver: Literal["motor", "pymongo"] = Field(
        default="pymongo", description="Which driver opens the database; both pass the same tests (ADR 3)."
    )
    database_prefix: str = Field(
        default="aanwezig", pattern="^[a-z][a-z0-9-]*$", description="Databases are named <prefix>-<service>."
    )
    instance: str = Field(
        default="0",
        pattern="^[a-z0-9-]+$",
        description="Name of this instance: its static member id in the group.",
    )
    host: str = Field(default="127.0.0.1", description="Address the HTTP door listens on.")
    port: int = Field(
        ge=1, le=65535, description="Port of the HTTP door: /live, /ready, /metrics and the service's own."
    )
    connections: int = Field(
        default=4_000,
        ge=1,
        description="Most connections of the HTTP door at once; past it the one that has been idle longest is let go.",
    )
    client_seconds: float = Field(
        default=30.0,
        gt=0,
        description="Seconds a client may take to send the head of a request, or to take 64 KiB of an answer; then it is hung up on.",
    )
    session_timeout_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=300_000,
        description="Milliseconds after which a dead instance's partitions move.",
    )
    batch_records: int = Field(
        default=2_000, ge=1, le=50_000, description="Most records handled in one batch."
    )
    grace_seconds: float = Field(
        default=15.0, gt=0, description="Seconds a stop may take; then it is cut short."
    )
    patience_seconds: float = Field(
        default=20.0,
        gt=0,
        le=120,
        description="Seconds a batch is tried again in place before its partitions wait.",
    )
    stall_seconds: float = Field(
        default=60.0,
        gt=0,
        description="Seconds without movement while there is lag after which /live says no.",
    )
    parking_budget: int = Field(
        default=100, ge=0, description="Parked records past which the service stops consuming."
    )
    parked_days: int = Field(
        default=30,
        ge=1,
        description="Days a parked record is kept after it was handled or discarded; one that is open is kept.",
    )
    operator_key: SecretStr | None = Field(
        default=None,
        description="Key with which an operator asks for parked records; none: they cannot be asked for here.",
    )
    traces: str | None = Field(
        default=None, description="File for spans as OTLP JSON lines; none: spans are not kept."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level logged."
    )

    @field_validator("kafka")
    @classmethod
    def _addresses(cls, value: str) -> str:
        parts = [part.strip() for part in value.split(",")]
        if not all(":" in part and part.rsplit(":", 1)[1].isdigit() for part in parts):
            raise ValueError("must be host:port, separated by commas")
        return ",".join(parts)

    @model_validator(mode="after")
    def _credential_is_whole(self) -> Self:
        told = (self.kafka_user is not None, self.kafka_password is not None)
        if self.kafka_protocol.startswith("SASL_") and not all(told):
            raise ValueError(
                "AANWEZIG_KAFKA_PROTOCOL asks for AANWEZIG_KAFKA_USER and AANWEZIG_KAFKA_PASSWORD"
            )
        if any(told) and not self.kafka_protocol.startswith("SASL_"):
            # A credential that would never be shown: whoever gave it believes that it is.
            raise ValueError("AANWEZIG_KAFKA_PROTOCOL does not show AANWEZIG_KAFKA_USER to Kafka")
        return self

    @property
    def access(self) -> Access:
        """How Kafka is reached, with this service's credential. Every client that is opened takes it."""
        credential = None
        if self.kafka_user is not None and self.kafka_password is not None:
            secret = self.kafka_password.get_secret_value()
            credential = Credential(self.kafka_user, secret, self.kafka_mechanism)
        encrypted = self.kafka_protocol.endswith("SSL")
        context = ssl.create_default_context(cafile=self.kafka_ca) if encrypted else None
        return Access(tuple(self.bootstrap), context, credential)

    @property
    def bootstrap(self) -> list[str]:
        """Kafka's addresses as a list: one joined string would be taken for one host."""
        return self.kafka.split(",")


class AskedSettings(ServiceSettings):
    """What a service needs whose door people or partners ask (`chassis.asking`)."""

    body_seconds: float = Field(
        default=20.0, gt=0, description="Seconds a request may take to arrive; longer is answered 408."
    )
    answer_seconds: float = Field(
        default=20.0, gt=0, description="Seconds a request may take to be answered; longer is answered 503."
    )


def _is_key(secret: SecretStr) -> SecretStr:
    key_bytes(secret)
    return secret


def key_bytes(secret: SecretStr) -> bytes:
    """The 32 bytes of a key written as 64 hexadecimal characters.

    Raises:
        ValueError: it is not 64 hexadecimal characters.
    """
    try:
        key = bytes.fromhex(secret.get_secret_value())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("must be 64 hexadecimal characters")
    return key


Key = Annotated[SecretStr, AfterValidator(_is_key)]
"""A key among the settings: 32 bytes as 64 hexadecimal characters. A wrong one stops the start and is not printed."""
