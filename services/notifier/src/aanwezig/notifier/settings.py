"""What the notifier needs beside what every service needs."""

from pydantic import Field, FilePath, SecretStr

from aanwezig.chassis.settings import AskedSettings, Key
from aanwezig.notifier.channels.mail import Tls
from aanwezig.notifier.table import Domain


class NotifierSettings(AskedSettings):
    """Settings of one notifier; each domain has its own instance with its own credential."""

    domain: Domain = Field(
        default="chain",
        description="Which domain this instance works for; each has its own database, topics and credential.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:18083",
        pattern="^https?://[^/?#]+(/[^?#]*[^/?#])?$",
        description="Address under which partners reach this notifier: where they claim what a webhook points to.",
    )
    console_url: str = Field(
        default="http://127.0.0.1:18090",
        pattern="^https?://[^/?#]+(/[^?#]*[^/?#])?$",
        description="Address of the console, to which a mail links.",
    )
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
    smtp_host: str | None = Field(
        default=None,
        description="Mail server; none: this instance sends no mail, and who asks for it is not reached.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_tls: Tls = Field(
        default="starttls",
        description="How the mail server is spoken to: `starttls`, `tls` from the start, or `none`.",
    )
    smtp_user: str | None = Field(
        default=None, description="Name for the mail server; none: it asks for none."
    )
    smtp_password: SecretStr | None = Field(default=None, description="Password that goes with that name.")
    smtp_ca: FilePath | None = Field(
        default=None,
        description="File with the authority that signed the mail server's certificate (PEM); none: those of the machine.",
    )
    mail_from: str = Field(
        default="Aanwezig <aanwezig@example.org>", description="The sender of mail, a name and an address."
    )
    mail_seconds: float = Field(
        default=30.0,
        gt=0,
        le=120,
        description="Seconds one mail may take, from connection to the server's word.",
    )
