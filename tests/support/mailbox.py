"""A mail server on a real socket, which keeps what it takes, and refuses, hangs or drops the line where it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG = "hang"
DROP = "drop"
TAKEN_THEN_DROP = "taken, then drop"


@dataclass(frozen=True)
class Taken:
    """One mail as it came: the mailboxes of its envelope, its bytes, and whether and as whom it came under TLS."""

    sender: str
    to: list[str]
    raw: bytes
    tls: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """The mail, read."""
        return message_from_bytes(self.raw, policy=policy.default)

    def part(self, kind: str) -> str:
        """Its text, `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class Mailbox:
    """The server. `answers` is what it says to `MAIL`, `RCPT` and `DATA`: an SMTP reply, or what it does instead.

    `login` is the user and password it asks for; `most` the most mails that were under way at once.
    """

    answers: dict[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    host: str = "127.0.0.1"
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    under_way: int = 0
    most: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until_under_way(self, count: int) -> None:
        """Returns when this many mails are under way."""
        async with asyncio.timeout(30), self._more:
            await self._more.wait_for(lambda: self.under_way >= count)

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        async with self._more:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self._more.notify_all()
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await self._answer("RCPT", server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._answer("DATA", server)
        if answer.startswith("2") or answer == TAKEN_THEN_DROP:
            user = session.auth_data.login.decode() if session.auth_data else None
            tls = bool(server.transport and server.transport.get_extra_info("sslcontext"))
            assert envelope.mail_from is not None
            assert isinstance(envelope.content, bytes)
            self.taken.append(Taken(envelope.mail_from, envelope.rcpt_tos, envelope.content, tls, user))
        self.under_way -= 1
        if answer == TAKEN_THEN_DROP:
            _drop(server)
        return answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        """Whether this user may send."""
        good = self.login == (given.login.decode(), given.password.decode())
        return AuthResult(success=good, handled=False, auth_data=given)

    async def _answer(self, command: str, server: SMTP) -> str:
        answer = self.answers.get(command, "250 2.0.0 fine")
        if answer == HANG:
            await self.released.wait()
            return "250 2.0.0 fine, at last"
        if answer == DROP:
            _drop(server)
        return answer


def _drop(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


@dataclass(frozen=True)
class Papers:
    """A certificate for a server, and the file with the authority that signed it."""

    context: ssl.SSLContext
    authority: str


@asynccontextmanager
async def a_mailbox(
    *,
    papers: Papers | None = None,
    starttls: bool = True,
    login: tuple[str, str] | None = None,
    **answers: str,
) -> AsyncIterator[Mailbox]:
    """A mail server on 127.0.0.1 for the length of the block. With `papers` it asks for TLS: after STARTTLS, or from the start."""
    mailbox = Mailbox(answers, login)
    upgrade = papers is not None and starttls
    asked: dict[str, Any] = {"auth_required": True} if login else {}
    loop = asyncio.get_running_loop()

    def on_caller() -> SMTP:
        return SMTP(
            mailbox, hostname="mail.test", loop=loop, authenticator=mailbox.authenticate, auth_require_tls=True,
            tls_context=papers.context if papers and upgrade else None, require_starttls=upgrade, **asked,
        )  # fmt: skip

    server = await loop.create_server(
        on_caller, mailbox.host, 0, ssl=papers.context if papers and not upgrade else None
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        mailbox.released.set()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def a_line_that(
    greeting: bytes | None, *answers: bytes, closes: bool = False, papers: Papers | None = None
) -> AsyncIterator[Mailbox]:
    """A port where nobody speaks SMTP well: it says this, or nothing, then an answer to each line, and keeps the line or closes it."""
    mailbox = Mailbox()

    async def on_caller(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if greeting is not None:
            writer.write(greeting)
        for answer in answers:
            await reader.readline()
            writer.write(answer)
        if not closes:
            await mailbox.released.wait()
        writer.close()

    server = await asyncio.start_server(on_caller, mailbox.host, 0, ssl=papers.context if papers else None)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        mailbox.released.set()
        server.close()
        await server.wait_closed()


def papers_for(folder: Path, *, name: str = "127.0.0.1") -> Papers:
    """A certificate that a new authority gives a server of this name (an IP address, or a host's)."""
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
    now = datetime.now(UTC)

    def draft(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(hours=1))
        )

    of_itself = draft(issuer, key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    known_as: x509.GeneralName = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    of_the_server = draft(subject, server_key.public_key()).add_extension(
        x509.SubjectAlternativeName([known_as]), critical=False
    )
    authority, chain = folder / f"authority-{name}.pem", folder / f"server-{name}.pem"
    pem = serialization.Encoding.PEM
    authority.write_bytes(of_itself.sign(key, hashes.SHA256()).public_bytes(pem))
    chain.write_bytes(
        of_the_server.sign(key, hashes.SHA256()).public_bytes(pem)
        + server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return Papers(context, str(authority))
