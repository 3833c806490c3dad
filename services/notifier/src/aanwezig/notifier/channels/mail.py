"""Mail: one notice, or the digest of several, as text and HTML by SMTP.

The same notice is the same bytes under the same `Message-ID` in every attempt: a mail may repeat, as itself. So `Date` is
when the notice was made, and nothing in the message depends on what the server can do.

| what the mail server says | outcome |
|---|---|
| 250 after the message | taken |
| 550, 551, 553 or 556 to the recipient, with no other cause named than the mailbox itself | `mailbox-refused`, for ever |
| 5xx to the message, with the mailbox named as the cause (5.1.x, 5.2.0, 5.2.1 of RFC 3463) | `mailbox-refused`, for ever |
| any other 4xx or 5xx | `answered-<code>`, tried again: a full mailbox is emptied (552, RFC 5321 4.5.3.1.10), and an operator can mend what the server holds against us (5.7.x, a spam filter) |
| no or another login, no TLS, a certificate that is not good | `login-refused`, `tls-refused`, `certificate-refused`, tried again: an operator can mend it |
| nothing, or not in time | `unreachable`, `disconnected`, `timed-out`, tried again |

Reasons hold a code and never the server's words, which may name the mailbox.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import getaddresses
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import urlsplit

import aiosmtplib

from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Outcome, Parcel, Way
from aanwezig.notifier.channels.letters import Letter, digest_of, letter_of

Tls = Literal["none", "starttls", "tls"]

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX: Final = re.compile(
    rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@)[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*"
    rf"@{_LABEL}(?:\.{_LABEL})*"
)
"""A mailbox as RFC 5321 writes it, without quotes, comments and addresses of machines: nothing in it ends a header."""

_NO_SUCH_MAILBOX: Final = frozenset({550, 551, 553, 556})
_CAUSE: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}(?!\d)")
_THE_MAILBOX: Final = re.compile(r"5\.1\.(?:[0-6]|10)|5\.2\.[01]")
"""Causes (RFC 3463, RFC 7505) that are the mailbox itself. Others are the sender, the server, the way, or a policy."""
_GOODBYE_SECONDS: Final = 1.0


class MailDoor:
    """The door for channel `mail`. `sender` is the From (`Aanwezig <bericht@example.nl>`), `link` the console's address.

    `authorities` is a file with the certificates to trust, None: those of this machine. `at_once` is how many connections
    to the server there may be. `send` returns within twice `timeout_seconds`: the wait for a connection, then the mail.

    Raises:
        ValueError: `sender` or `link` is none, or a login would go over a line that anybody can read.
        OSError: the file of authorities cannot be read.
    """

    def __init__(
        self, *, host: str, port: int, tls: Tls, sender: str, link: str, timeout_seconds: float, at_once: int,
        user: str | None = None, password: str | None = None, authorities: str | None = None,
    ) -> None:  # fmt: skip
        self._sender = _sender(sender)
        self._link = _link(link)
        if user is not None and tls == "none":
            raise ValueError("a login without TLS can be read by anybody on the way")
        self._host, self._port, self._tls = host, port, tls
        self._login = None if user is None else (user, password or "")
        self._trusted = None if tls == "none" else ssl.create_default_context(cafile=authorities)
        self._timeout = timeout_seconds
        self._lines = asyncio.Semaphore(at_once)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Nothing stays open: every mail has a connection of its own."""

    async def send(self, to: Way, parcel: Parcel, at: datetime) -> Outcome:  # noqa: ARG002 - always the same mail
        """Tries once; see `Door.send`."""
        return await self._post(to, parcel.notice, parcel.event.time, letter_of(parcel, self._link))

    async def send_digest(
        self, to: Way, digest_id: str, parcels: Sequence[Parcel], at: datetime,  # noqa: ARG002 - always the same mail
    ) -> Outcome:  # fmt: skip
        """Tries once to send these notices as one mail; the same parcels under the same id are the same mail.

        Raises:
            ValueError: there are no parcels.
        """
        if not parcels:
            raise ValueError("a digest of nothing")
        newest = max(parcel.event.time for parcel in parcels)
        return await self._post(to, digest_id, newest, digest_of(parcels, self._link))

    async def _post(self, to: Way, id_: str, made: datetime, letter: Letter) -> Outcome:
        if to.address is None:
            return NotDelivered("no-address", final=True)
        if _MAILBOX.fullmatch(to.address) is None:
            return NotDelivered("address-refused", final=True)
        message = self.message(to.address, id_, made, letter).as_bytes()
        try:
            async with self._line():
                return await self._say(to.address, message)
        except TimeoutError:
            return NotDelivered("timed-out")

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[None]:
        """One of the connections there may be, for no longer than a mail may take."""
        async with asyncio.timeout(self._timeout):
            await self._lines.acquire()
        try:
            async with asyncio.timeout(self._timeout):
                yield
        finally:
            self._lines.release()

    async def _say(self, address: str, message: bytes) -> Outcome:
        # Without a time limit of its own: it would wait with `wait_for`, which in Python 3.11 may swallow a cancellation.
        client = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, use_tls=self._tls == "tls", start_tls=False,
            tls_context=self._trusted, local_hostname=self._sender.domain, timeout=None,
        )  # fmt: skip
        try:
            return await self._greet(client) or await self._hand_over(client, address, message)
        except aiosmtplib.SMTPServerDisconnected:
            return NotDelivered("disconnected")
        except aiosmtplib.SMTPResponseException as answer:
            return _refusal(answer)
        except (OSError, UnicodeError) as broken:
            return _broken(broken)
        except aiosmtplib.SMTPException:
            return NotDelivered("not-smtp")
        finally:
            client.close()

    async def _greet(self, client: aiosmtplib.SMTP) -> NotDelivered | None:
        """Connects, under TLS and with a login where they are asked for; what an operator must mend is an outcome."""
        await client.connect()
        await client.ehlo()
        if self._tls == "starttls":
            if not client.supports_extension("starttls"):
                return NotDelivered("tls-refused")
            await client.starttls(tls_context=self._trusted)
            await client.ehlo()
        if self._login is None:
            return None
        if not client.supported_auth_methods:
            return NotDelivered("login-refused")
        try:
            await client.login(*self._login)
        except aiosmtplib.SMTPAuthenticationError as refused:
            return NotDelivered("login-refused") if refused.code >= 500 else _refusal(refused)
        return None

    async def _hand_over(self, client: aiosmtplib.SMTP, address: str, message: bytes) -> Outcome:
        await client.mail(self._sender.addr_spec)
        await client.rcpt(address)
        await client.data(message)
        # It has been taken; that the goodbye goes wrong does not change that.
        with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(min(_GOODBYE_SECONDS, self._timeout)):
                await client.quit()
        return Delivered()

    def message(self, address: str, id_: str, made: datetime, letter: Letter) -> EmailMessage:
        """The mail itself: what stands around the letter is the same each time it is made."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = self._sender
        message["To"] = address
        message["Subject"] = letter.subject
        message["Date"] = made.replace(microsecond=0)
        message["Message-ID"] = f"<{id_}@{self._sender.domain}>"
        # RFC 3834, and what Exchange reads instead: nobody's holiday answers to us.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(letter.text, cte="quoted-printable")
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        # Python would draw one by lot.
        message.set_boundary(f"=_{id_}")
        return message


def _sender(text: str) -> Address:
    found = getaddresses([text])
    name, mailbox = found[0] if len(found) == 1 else ("", "")
    if _MAILBOX.fullmatch(mailbox) is None or not text.isprintable():
        raise ValueError("the sender of mail is not one address")
    return Address(name, addr_spec=mailbox)


def _link(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("the link in mail is no address of a web page")
    return text if text.endswith("/") else f"{text}/"


def _refusal(answer: aiosmtplib.SMTPResponseException) -> NotDelivered:
    if not 400 <= answer.code < 600:
        return NotDelivered("not-smtp")
    found = _CAUSE.match(answer.message)
    cause = None if found is None or found[0] == "5.0.0" else found[0]
    of_the_mailbox = cause is not None and _THE_MAILBOX.fullmatch(cause) is not None
    if isinstance(answer, aiosmtplib.SMTPRecipientRefused) and answer.code in _NO_SUCH_MAILBOX:
        final = cause is None or of_the_mailbox
    else:
        final = isinstance(answer, aiosmtplib.SMTPDataError) and of_the_mailbox
    return NotDelivered("mailbox-refused", final=True) if final else NotDelivered(f"answered-{answer.code}")


def _broken(error: BaseException) -> NotDelivered:
    """What a broken line is called; the library puts some errors of TLS into its own."""
    if isinstance(error, TimeoutError):
        return NotDelivered("timed-out")
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return NotDelivered("certificate-refused")
        if isinstance(seen, ssl.SSLError):
            return NotDelivered("tls-refused")
        seen = seen.__cause__
    return NotDelivered("unreachable")
