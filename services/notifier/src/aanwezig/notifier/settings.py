"""What the notifier needs beside what every service needs."""

from pydantic import Field

from aanwezig.chassis.settings import Key, ServiceSettings


class NotifierSettings(ServiceSettings):
    """Settings of one notifier; each domain has its own instance with its own credential."""

    seal_key: Key = Field(
        description="Key under which the webhook secrets in the register are sealed: 64 hexadecimal characters."
    )
    webhook_pace: float = Field(
        default=1.0, gt=0, le=10, description="Factor on the retry timetable; tests run it at a thousandth."
    )
    webhook_timeout_seconds: float = Field(
        default=10.0,
        gt=0,
        le=30,
        description="Seconds one webhook may take, from name look-up to status line.",
    )
    webhook_abreast: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Webhooks under way at once to one recipient; 1 keeps their order.",
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="Whether webhooks may go to private, loopback and link-local addresses, and without TLS.",
    )
