"""What the registration of a recipient may say, by its role and its channel (`contract.md` 2; ADR 11)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import click

from aanwezig.chassis.sealing import seal
from aanwezig.cli.exits import AtFault
from aanwezig.cli.systems import valid
from aanwezig.contracts.messages import Channel, Meetings, QuietHours, RecipientRegistered

SEALED_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "attendance-officer": ("seal_key", "school_seal_key"),
    "care-team": ("seal_key",),
    "chain-director": ("seal_key", "school_seal_key"),
    "doorstroompunt": ("seal_key",),
    "halt": ("justice_seal_key",),
    "home-sitter-table": ("seal_key",),
    "meldcode-desk": ("seal_key",),
    "officer-of-justice": ("justice_seal_key",),
    "operator": ("school_seal_key",),
    "school": ("school_seal_key",),
    "school-partnership": ("seal_key",),
    "youth-health-care": ("health_seal_key",),
    "youth-protection": ("seal_key",),
}
"""By role the keys of the home under which its secrets are sealed: those of the notifiers of the domains in which it hears."""
ROLES: Final = tuple(SEALED_WITH)
"""The roles the notifier's tables know; a test compares them."""
CHANNELS: Final[tuple[Channel, ...]] = ("topic", "webhook", "mail", "zgw")
_MOST_OF_A_SECRET: Final = 4096
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX: Final = re.compile(rf"(?=.{{1,64}}@){_LOCAL}@(?=.{{4,253}}$){_LABEL}(\.{_LABEL})+")
"""A mailbox as mail servers write it to each other (RFC 5321 4.1.2), without quotes and without a name beside it."""


def sealed_for(role: str, secret: str, keys: Mapping[str, str]) -> str:
    """A secret as it stands in the register for a role; `keys` are those of the home."""
    return " ".join(seal(bytes.fromhex(keys[one]), secret) for one in SEALED_WITH[role])


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said on the command line about one recipient."""

    recipient: str
    role: str
    organisation: str
    channel: Channel
    municipality: str | None = None
    school: str | None = None
    address: str | None = None
    client: str | None = None
    digest: str | None = None
    quiet: QuietHours | None = None
    meets: Meetings | None = None
    secret_file: bool = False

    def check(self) -> None:
        """Whether these go together.

        Raises:
            click.UsageError: they do not; which, and what to say instead.
        """
        self._check_role()
        self._check_address()
        zgw = self.channel == "zgw"
        if zgw and not self.client:
            raise click.UsageError("A Notificaties API knows us by a name: say it in --client.")
        if not zgw and (self.client or self.secret_file):
            raise click.UsageError(
                "--client and --secret-file belong to a Notificaties API: add --channel zgw."
            )

    def _check_role(self) -> None:
        if self.role == "school" and self.school is None:
            raise click.UsageError("Which school? Say it in --school, for example --school 25PL00.")
        if self.role != "school" and self.school is not None:
            raise click.UsageError("A --school is for role school alone: leave it out, or say --role school.")
        if self.role == "school" and self.municipality is not None:
            raise click.UsageError(
                "A school hears of its pupils wherever they live: leave --municipality out."
            )
        if self.meets is not None and self.role != "home-sitter-table":
            raise click.UsageError(
                "--meets is for role home-sitter-table alone: no other role has an agenda."
            )

    def _check_address(self) -> None:
        if self.channel == "topic":
            if self.address is not None:
                raise click.UsageError(
                    "An --address belongs to a webhook, to mail or to zgw: say its --channel."
                )
        elif self.channel == "mail":
            if self.address is None or not _MAILBOX.fullmatch(self.address):
                raise click.UsageError("Mail needs --address, a mailbox such as verzuim@school.example.")
        elif self.address is None:
            # Without one a webhook's recipient is reached by the subscriptions it makes itself.
            if self.channel == "zgw":
                raise click.UsageError("A Notificaties API needs --address, an http or https URL.")
        elif not _is_url(self.address):
            raise click.UsageError(
                f"A {self.channel} needs as --address an http or https URL, without a name, a password or a fragment."
            )

    def message(self, *, secret: str | None, keys: list[str]) -> RecipientRegistered:
        """The registration; `secret` sealed, `keys` hashed."""
        said: dict[str, Any] = {
            "recipient": self.recipient, "role": self.role, "organisation": self.organisation,
            "municipality": self.municipality, "school": self.school, "channel": self.channel, "address": self.address,
            "client": self.client, "secret": secret, "keys": keys, "digest": self.digest, "quiet": self.quiet,
            "meets": self.meets,
        }  # fmt: skip
        return valid(RecipientRegistered, **{name: one for name, one in said.items() if one is not None})

    @property
    def signs(self) -> bool:
        """Whether what is sent is signed with a secret that we make."""
        return self.channel == "webhook" and self.address is not None

    def keeps_secret_of(self, stands: RecipientRegistered) -> bool:
        """Whether the secret of its signatures stays: its receiver has it already."""
        return self.signs and stands.channel == "webhook" and stands.secret is not None

    def follows(self, stands: RecipientRegistered) -> None:
        """Whether this may replace what stands.

        Raises:
            AtFault: it is registered in another role, under which it was told other things.
        """
        if stands.role != self.role:
            raise AtFault(
                f"{self.recipient} is registered as {stands.role}, and that does not change. "
                f"Take another name, or remove it first: aanwezig recipients remove {self.recipient}"
            )


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        own = parts.username is None and parts.password is None and not parts.fragment
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and own
    except ValueError:
        return False


def secret_given(secret_file: str | None) -> str:
    """The secret by which a Notificaties API knows us: what a file holds, without the end of its line, or what is typed.

    Raises:
        click.UsageError: there is none.
    """
    if secret_file is None:
        try:
            asked = click.prompt("The secret the Notificaties API gave us", hide_input=True, err=True)
        except click.Abort:
            raise click.UsageError(
                "Say the secret the Notificaties API gave us, or name its --secret-file."
            ) from None
        return str(asked)
    with click.open_file(secret_file, encoding="utf-8") as file:
        try:
            secret = str(file.read(_MOST_OF_A_SECRET)).strip()
        except UnicodeDecodeError:
            secret = ""
    if not secret:
        raise click.UsageError(f"There is no secret in {click.format_filename(secret_file)}.")
    return secret


def quiet_text(quiet: Mapping[str, str]) -> str:
    """Quiet hours as they are written on the command line."""
    return f"{quiet['from']}-{quiet['until']}"


def meets_text(meets: Mapping[str, Any]) -> str:
    """Meetings as they are written on the command line."""
    return f"{meets['first']}/{meets.get('every_weeks', 1)}"
