"""What intake needs beside the chassis: two keys and the limits of the door."""

from typing import Self

from pydantic import Field, model_validator

from aanwezig.chassis.settings import Key, ServiceSettings


class IntakeSettings(ServiceSettings):
    """The settings of intake. Both keys are 32 bytes as 64 hexadecimal characters; a wrong one stops the start."""

    pseudonym_key: Key = Field(
        description="Key of the school domain: a pupil's pseudonym is a hash under it, 64 hexadecimal characters."
    )
    number_key: Key = Field(
        description="AES-256-GCM key of personal numbers and of the quarantine, 64 hexadecimal characters."
    )
    chain_key: Key | None = Field(
        default=None,
        description="Key of the chain domain, to tell whom a case is about; none: only the school domain can be asked.",
    )
    max_rows: int = Field(default=5_000, ge=1, description="Most rows in one request; more is answered 413.")
    max_bytes: int = Field(
        default=10 * 1024 * 1024, ge=1024, description="Most bytes in one request; more is answered 413."
    )
    body_seconds: float = Field(
        default=60.0, gt=0, description="Seconds a sender may take to send one body; longer is answered 408."
    )
    answer_seconds: float = Field(
        default=20.0, gt=0, description="Seconds the rows of one request may take; longer is answered 503."
    )
    rows_a_minute: int = Field(
        default=600_000, ge=1, description="Most rows per sending system in a minute; more is answered 429."
    )
    requests_abreast: int = Field(
        default=8, ge=1, description="Most requests per sending system in hand at once; more is answered 429."
    )
    bytes_in_hand: int = Field(
        default=256 * 1024 * 1024,
        ge=2048,
        description="Most bytes of bodies in memory at once, of which one system may have half; more is answered 503.",
    )
    quarantine_limit: int = Field(
        default=10_000,
        ge=0,
        description="Most refused rows kept per sending system until they are corrected.",
    )
    quarantine_school_limit: int = Field(
        default=5_000,
        ge=0,
        description="Most of those rows that one school of a system may take; the rest is left to its other schools.",
    )
    quarantine_days: int = Field(default=60, ge=1, description="Days a refused row is kept.")
    processing_days: int = Field(
        default=1_095,
        ge=1,
        description="Days a line of the processing log is kept: who was told who a child is.",
    )
    receipt_days: int = Field(default=30, ge=1, description="Days a receipt can be asked for by file or id.")
    receipt_limit: int = Field(
        default=100_000,
        ge=20,
        description="Most requests per sending system whose receipts can be asked for; the oldest are let go of first.",
    )
    known_pupils: int = Field(
        default=100_000, ge=1, description="Pupils remembered in memory whose number is known to be kept."
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        # Half is for one system, and a packed body is in memory beside the unpacked one.
        if self.bytes_in_hand < 4 * self.max_bytes:
            raise ValueError("bytes_in_hand must be at least four times max_bytes")
        return self
