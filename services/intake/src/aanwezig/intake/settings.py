"""What intake needs beside the chassis: two keys and the limits of the door."""

from pydantic import Field

from aanwezig.chassis.settings import Key, ServiceSettings


class IntakeSettings(ServiceSettings):
    """The settings of intake. Both keys are 32 bytes as 64 hexadecimal characters; a wrong one stops the start."""

    pseudonym_key: Key = Field(
        description="Key of the school domain: a pupil's pseudonym is a hash under it, 64 hexadecimal characters."
    )
    number_key: Key = Field(
        description="AES-256-GCM key of personal numbers and of the quarantine, 64 hexadecimal characters."
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
    quarantine_limit: int = Field(
        default=10_000,
        ge=0,
        description="Most refused rows kept per sending system until they are corrected.",
    )
    quarantine_days: int = Field(default=60, ge=1, description="Days a refused row is kept.")
    known_pupils: int = Field(
        default=100_000, ge=1, description="Pupils remembered in memory whose number is known to be kept."
    )
