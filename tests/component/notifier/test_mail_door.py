import asyncio
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.notifier.channels.doors import Delivered, NotDelivered, Parcel, Way
from aanwezig.notifier.channels.letters import RETRACTED, SENTENCES
from aanwezig.notifier.channels.mail import MailDoor
from aanwezig.notifier.mail_digests import MailDigests
from support.mailbox import DROP, HANG, TAKEN_THEN_DROP, a_line_that, a_mailbox, papers_for
from support.memory import MemoryCollection

MADE = datetime(2024, 10, 14, 6, 0, 30, 250_000, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
LOGIN = ("aanwezig", "a password")
DESK = Way(recipient="desk", channel="mail", address="desk@example.nl")


def a_parcel(number=1, subject="stagnated", **more):
    notice = derived_id("notice by mail", str(number))
    data = {"notice": notice, "subject": subject, "urgency": "normal"} | more
    made = MADE + timedelta(minutes=number)
    event = Event(derived_id("e", notice), f"{PLATFORM_SOURCE}-notifier", "notice-sent", made, data)
    return Parcel(notice, event)


def a_door(mailbox, *, tls="none", timeout=10.0, at_once=4, **more):
    return MailDoor(
        host=mailbox.host, port=mailbox.port, tls=tls, sender="Aanwezig <bericht@aanwezig.example>",
        link="https://console.example", timeout_seconds=timeout, at_once=at_once, **more,
    )  # fmt: skip


async def test_a_notice_is_a_mail_in_text_and_html_with_a_link():
    parcel = a_parcel(subject="new-home-sitter", urgency="same-day")
    async with a_mailbox() as mailbox, a_door(mailbox) as door:
        assert await door.send(DESK, parcel, LATER) == Delivered()
        (taken,) = mailbox.taken
    message = taken.message
    assert (taken.sender, taken.to) == ("bericht@aanwezig.example", ["desk@example.nl"])
    assert dict(message.items()) == {
        "From": "Aanwezig <bericht@aanwezig.example>", "To": "desk@example.nl",
        "Subject": "Er staat een nieuwe thuiszitter op de agenda van de thuiszitterstafel",
        "Date": "Mon, 14 Oct 2024 06:01:30 +0000", "Message-ID": f"<{parcel.notice}@aanwezig.example>",
        "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_{parcel.notice}"',
    }  # fmt: skip
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}
    for kind in ("plain", "html"):
        assert SENTENCES["new-home-sitter"] in taken.part(kind)
        assert "Bekijk dit vandaag nog." in taken.part(kind)
        assert f"https://console.example/notices/{parcel.notice}" in taken.part(kind)
    assert taken.raw.isascii()
    assert max(len(line) for line in taken.raw.splitlines()) <= 78


async def test_a_retraction_says_that_a_word_was_taken_back():
    async with a_mailbox() as mailbox, a_door(mailbox) as door:
        await door.send(DESK, a_parcel(subject="new-home-sitter", takes_back=True), LATER)
        (taken,) = mailbox.taken
    assert taken.message["Subject"] == "Een eerder bericht is ingetrokken"
    assert RETRACTED in taken.part("plain")
    assert "thuiszitter" not in taken.raw.decode()


async def test_killed_after_the_server_took_it_the_same_bytes_come_again_under_the_same_id():
    async with a_mailbox(DATA=TAKEN_THEN_DROP) as mailbox:
        async with a_door(mailbox) as door:
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("disconnected")
        mailbox.answers.clear()
        async with a_door(mailbox) as another:
            assert await another.send(DESK, a_parcel(), LATER + timedelta(hours=1)) == Delivered()
        first, second = mailbox.taken
    assert first.raw == second.raw
    assert first.message["Message-ID"] == second.message["Message-ID"]


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("RCPT", "450 4.2.1 later", NotDelivered("answered-450")),
        ("RCPT", "550 no such user", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "550 5.0.0 no", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "550 5.1.1 no such user", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "556 5.1.10 that domain takes no mail", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "551 gone elsewhere", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "553 5.1.3 bad name", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "550 5.2.1 closed", NotDelivered("mailbox-refused", final=True)),
        ("RCPT", "550 5.2.2 full", NotDelivered("answered-550")),  # a full mailbox is emptied
        ("RCPT", "552 full", NotDelivered("answered-552")),
        ("RCPT", "550 5.7.1 we do not like you", NotDelivered("answered-550")),  # an operator can mend it
        ("RCPT", "550 5.1.8 nor your domain", NotDelivered("answered-550")),  # the sender's address
        ("RCPT", "554 no", NotDelivered("answered-554")),
        ("RCPT", "421 closing", NotDelivered("answered-421")),
        ("MAIL", "550 5.1.1 you are nobody", NotDelivered("answered-550")),  # of the sender
        ("MAIL", "451 4.3.0 later", NotDelivered("answered-451")),
        ("DATA", "451 4.7.1 greylisted", NotDelivered("answered-451")),
        ("DATA", "550 looks like spam", NotDelivered("answered-550")),
        ("DATA", "554 5.6.0 looks wrong", NotDelivered("answered-554")),
        ("DATA", "550 5.1.1 nobody after all", NotDelivered("mailbox-refused", final=True)),
    ],
)  # fmt: skip
async def test_a_refusal_is_final_only_where_the_mailbox_itself_is_refused(command, answer, outcome):
    async with a_mailbox(**{command: answer}) as mailbox, a_door(mailbox) as door:
        assert await door.send(DESK, a_parcel(), LATER) == outcome
        assert mailbox.taken == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_is_left_in_time_and_one_that_drops_the_line_at_once(command):
    async with a_mailbox(**{command: HANG}) as mailbox, a_door(mailbox, timeout=0.3) as door:
        assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("timed-out")
    async with a_mailbox(**{command: DROP}) as mailbox, a_door(mailbox) as door:
        assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("disconnected")


@pytest.mark.parametrize(
    ("greeting", "closes", "outcome"),
    [
        (None, False, NotDelivered("timed-out")),
        (None, True, NotDelivered("unreachable")),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, NotDelivered("not-smtp")),
        (b"554 5.3.2 not today\r\n", False, NotDelivered("answered-554")),
        (b"200 what\r\n", False, NotDelivered("not-smtp")),
        (b"x" * 100_000, False, NotDelivered("not-smtp")),
    ],
)
async def test_where_nobody_speaks_smtp_it_is_tried_again(greeting, closes, outcome):
    async with a_line_that(greeting, closes=closes) as line, a_door(line, timeout=0.5) as door:
        assert await door.send(DESK, a_parcel(), LATER) == outcome


async def test_nobody_at_the_port_is_unreachable():
    async with a_line_that(None) as line:
        pass
    async with a_door(line) as door:
        assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("unreachable")


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_under_tls_it_goes_to_a_server_whose_certificate_is_good_and_no_other(tls, tmp_path):
    papers, strangers = papers_for(tmp_path), papers_for(tmp_path, name="mail.elsewhere.example")
    starttls = tls == "starttls"
    async with a_mailbox(papers=papers, starttls=starttls) as mailbox:
        async with a_door(mailbox, tls=tls, authorities=papers.authority) as door:
            assert await door.send(DESK, a_parcel(), LATER) == Delivered()
        async with a_door(mailbox, tls=tls) as door:  # an authority nobody here knows
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("certificate-refused")
    async with a_mailbox(papers=strangers, starttls=starttls) as other:
        async with a_door(other, tls=tls, authorities=strangers.authority) as door:  # another host's
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("certificate-refused")
        assert other.taken == []
    assert [taken.tls for taken in mailbox.taken] == [True]


async def test_without_tls_where_it_is_asked_for_nothing_is_said(tmp_path):
    authority = papers_for(tmp_path).authority
    async with a_mailbox() as mailbox:
        async with a_door(mailbox, tls="starttls", authorities=authority) as door:
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("tls-refused")
        async with a_door(mailbox, tls="tls", authorities=authority) as door:
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("tls-refused")
        assert (mailbox.taken, mailbox.most) == ([], 0)


async def test_it_logs_in_where_a_login_is_asked_for(tmp_path):
    papers = papers_for(tmp_path)
    user, password = LOGIN
    under_tls = {"tls": "starttls", "authorities": papers.authority}
    async with a_mailbox(papers=papers, login=LOGIN) as mailbox:
        async with a_door(mailbox, user=user, password=password, **under_tls) as door:
            assert await door.send(DESK, a_parcel(), LATER) == Delivered()
        async with a_door(mailbox, user=user, password="wrong", **under_tls) as door:
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("login-refused")
        async with a_door(mailbox, **under_tls) as door:
            assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("answered-530")
        assert [taken.user for taken in mailbox.taken] == [user]


async def test_a_server_that_knows_no_logins_is_not_told_one(tmp_path):
    papers = papers_for(tmp_path)
    async with a_mailbox(papers=papers, starttls=False) as mailbox:
        door = a_door(mailbox, tls="tls", authorities=papers.authority, user="u", password="p")
        assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("login-refused")


async def test_an_answer_to_a_login_that_makes_no_sense_is_tried_again(tmp_path):
    papers = papers_for(tmp_path)
    said = (b"220 hello\r\n", b"250-mail.test\r\n250 AUTH CRAM-MD5\r\n", b"334 abc\r\n")
    async with a_line_that(*said, papers=papers) as line:
        door = a_door(line, tls="tls", authorities=papers.authority, user="u", password="p")
        assert await door.send(DESK, a_parcel(), LATER) == NotDelivered("not-smtp")


async def test_a_host_that_is_no_name_is_unreachable():
    async with a_mailbox() as mailbox:
        mailbox.host = "x" * 70 + ".example"
        assert await a_door(mailbox).send(DESK, a_parcel(), LATER) == NotDelivered("unreachable")


@pytest.mark.parametrize(
    "address",
    [
        "desk@example.nl\r\nBcc: all@example.nl", "desk@example.nl\n", "desk@example.nl\r\n.\r\n", "a b@example.nl",
        "desk@example.nl, other@example.nl", "Desk <desk@example.nl>", "<desk@example.nl>", '"a b"@example.nl', "desk",
        "desk@", "@example.nl", "a@b@example.nl", "desk@exa_mple.nl", "desk@-example.nl", "desk@example..nl", ".a@example.nl",
        "balie@gemeentë.nl", "desk@[127.0.0.1]", "desk@example.nl>SIZE=1", "l" * 65 + "@example.nl", "", "\x00@example.nl",
        "a@" + ".".join(["d" * 60] * 5),
    ],
)  # fmt: skip
async def test_what_is_no_single_mailbox_is_refused_before_anything_is_said(address):
    async with a_mailbox() as mailbox, a_door(mailbox) as door:
        to = Way(recipient="desk", channel="mail", address=address)
        assert await door.send(to, a_parcel(), LATER) == NotDelivered("address-refused", final=True)
        assert await door.send_digest(to, "d", [a_parcel()], LATER) == NotDelivered(
            "address-refused", final=True
        )
        assert mailbox.most == 0


async def test_without_an_address_an_operator_must_mend_it():
    async with a_mailbox() as mailbox, a_door(mailbox) as door:
        to = Way(recipient="desk", channel="mail")
        assert await door.send(to, a_parcel(), LATER) == NotDelivered("no-address", final=True)


@pytest.mark.parametrize(
    "address",
    ["o'neil+tag@example.nl", "l" * 64 + "@example.nl", "a@" + ".".join(["d" * 60] * 3), "desk@relay"],
)
async def test_unusual_mailboxes_are_mailboxes(address):
    async with a_mailbox() as mailbox, a_door(mailbox) as door:
        to = Way(recipient="desk", channel="mail", address=address)
        assert await door.send(to, a_parcel(), LATER) == Delivered()
        (taken,) = mailbox.taken
        assert taken.to == [address]
        assert taken.message["To"] == address


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "nobody"}, {"sender": "Aanwezig <a@b.nl>\r\nBcc: all@example.nl"}, {"sender": "a@b.nl, c@d.nl"},
        {"sender": "Aan\r\nwezig <a@b.nl>"}, {"sender": "a@b.nl\n"}, {"sender": '"Aan\r\nBcc: x@y.nl" <a@b.nl>'},
        {"link": "console"}, {"link": "ftp://console.example"}, {"link": "https://console.example/?q=1"},
        {"user": "u", "password": "p"},
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused_at_the_start(wrong):
    good = {
        "host": "mail.test",
        "port": 25,
        "tls": "none",
        "sender": "a@b.nl",
        "link": "https://console.example",
    }
    MailDoor(**good, timeout_seconds=1, at_once=1)
    with pytest.raises(ValueError):
        MailDoor(**good | wrong, timeout_seconds=1, at_once=1)


async def test_no_more_mails_are_under_way_than_allowed():
    async with a_mailbox(RCPT=HANG) as mailbox, a_door(mailbox, at_once=2) as door:
        sending = [asyncio.create_task(door.send(DESK, a_parcel(number), LATER)) for number in range(5)]
        await mailbox.until_under_way(2)
        mailbox.released.set()
        assert await asyncio.gather(*sending) == [Delivered()] * 5
        assert mailbox.most == 2


async def test_who_waits_for_a_place_waits_no_longer_than_a_mail_may_take():
    async with a_mailbox(RCPT=HANG) as mailbox, a_door(mailbox, at_once=1, timeout=0.3) as door:
        sending = [door.send(DESK, a_parcel(number), LATER) for number in range(4)]
        assert set(await asyncio.gather(*sending)) == {NotDelivered("timed-out")}
        assert mailbox.under_way <= 2


async def test_a_mail_that_is_broken_off_ends_at_once_and_gives_its_place_back():
    async with a_mailbox(RCPT=HANG) as mailbox, a_door(mailbox, at_once=1, timeout=120) as door:
        sending = asyncio.create_task(door.send(DESK, a_parcel(1), LATER))
        await mailbox.until_under_way(1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(30):
                await sending
        mailbox.answers.clear()
        assert await door.send(DESK, a_parcel(2), LATER) == Delivered()


async def test_a_digest_is_one_mail_that_counts_and_comes_again_as_itself():
    digests = MailDigests(MemoryCollection(), now=lambda: LATER)
    parcels = [
        a_parcel(1), a_parcel(2), a_parcel(3, "returned", school="25PL00"), a_parcel(4, "look-again", takes_back=True)
    ]  # fmt: skip
    frozen = await digests.freeze("desk", date(2026, 11, 23), parcels)
    async with a_mailbox(DATA=TAKEN_THEN_DROP) as mailbox:
        async with a_door(mailbox) as door:
            lost = await door.send_digest(DESK, frozen.id, frozen.parcels, LATER)
            assert lost == NotDelivered("disconnected")
        mailbox.answers.clear()
        # Killed here: more has come, and who takes over asks with what is due now.
        again = await digests.freeze("desk", date(2026, 11, 23), [a_parcel(5), *parcels[::-1]])
        async with a_door(mailbox) as door:
            sent = await door.send_digest(DESK, again.id, again.parcels, LATER + timedelta(hours=2))
            assert sent == Delivered()
        first, second = mailbox.taken
    assert first.raw == second.raw
    message = first.message
    assert message["Message-ID"] == f"<{frozen.id}@aanwezig.example>"
    assert message["Subject"] == "4 nieuwe berichten"
    assert parsedate_to_datetime(message["Date"]) == (MADE + timedelta(minutes=4)).replace(microsecond=0)
    for line in (f"2 x  {SENTENCES['stagnated']}", f"1 x  {SENTENCES['returned']}", f"1 x  {RETRACTED}"):
        assert line in first.part("plain")
    assert "https://console.example/notices" in first.part("plain").splitlines()
    assert not any(parcel.notice in first.raw.decode() for parcel in parcels)
    assert "25PL00" not in first.part("html")


async def test_a_digest_of_nothing_is_a_mistake():
    async with a_mailbox() as mailbox, a_door(mailbox) as door:
        with pytest.raises(ValueError, match="nothing"):
            await door.send_digest(DESK, "d" * 32, [], LATER)
