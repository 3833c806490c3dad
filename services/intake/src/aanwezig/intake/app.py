"""Intake, put together: the only door for school data."""

from datetime import UTC, datetime

from aanwezig.chassis.sealing import Seal
from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.contracts.topics import PARKED, SCHOOL_REGISTER, SUBMISSIONS, SUBMISSIONS_PATTERN
from aanwezig.intake.admit import Admission, Keyring
from aanwezig.intake.answers import Answers
from aanwezig.intake.asking import Asking, Limits
from aanwezig.intake.calendars import Calendars
from aanwezig.intake.clerk import ClerkDesk
from aanwezig.intake.describing import routes as description
from aanwezig.intake.disclosing import Disclosing
from aanwezig.intake.doors import HttpDoor
from aanwezig.intake.identities import Identities
from aanwezig.intake.kafka_door import KafkaDoor
from aanwezig.intake.lookup import Lookup
from aanwezig.intake.pace import Pace
from aanwezig.intake.problems import nowhere
from aanwezig.intake.processing import ProcessingLog
from aanwezig.intake.quarantine import Quarantine
from aanwezig.intake.receipts import Receipts
from aanwezig.intake.records import Bounds
from aanwezig.intake.reservations import Reservations
from aanwezig.intake.rights import Rights
from aanwezig.intake.senders import Senders
from aanwezig.intake.settings import IntakeSettings


def build(settings: IntakeSettings | None = None) -> Service:
    """The service; settings come from the environment where none are given. Nothing connects before it runs."""
    chosen = settings or IntakeSettings()
    service = Service(
        name="intake",
        settings=chosen,
        parked_topic=PARKED["intake"].name,
        new_topics_seconds=2,
        nowhere=nowhere,
    )
    pseudonym_key = key_bytes(chosen.pseudonym_key)
    seal = Seal(key_bytes(chosen.number_key))
    collection = service.store.collection

    senders = Senders()
    reservations = Reservations(collection("reservations"))
    chain_key = None if chosen.chain_key is None else key_bytes(chosen.chain_key)
    identities = Identities(
        collection("identities"), seal, remembered=chosen.known_pupils, chain_key=chain_key
    )
    calendars = Calendars(collection("calendars"), service.publisher)
    quarantine = Quarantine(
        collection("quarantine"), seal, key=pseudonym_key,
        limit=chosen.quarantine_limit, school_limit=chosen.quarantine_school_limit, days=chosen.quarantine_days,
    )  # fmt: skip
    receipts = Receipts(
        collection("receipts"), seal, key=pseudonym_key, days=chosen.receipt_days, limit=chosen.receipt_limit
    )
    keyring = Keyring(pseudonym_key)
    rights = Rights(
        collection("pupils"), collection("leaves"), senders, key=pseudonym_key, pseudonym=keyring.pseudonym
    )
    admission = Admission(
        senders, keyring, rights, reservations, identities, calendars, quarantine, receipts, service.publisher
    )
    pace = Pace(chosen.rows_a_minute, abreast=chosen.requests_abreast, bytes_in_hand=chosen.bytes_in_hand)
    asking = Asking(
        senders, Limits(chosen.max_rows, chosen.max_bytes, chosen.body_seconds, chosen.answer_seconds), pace,
        clock=lambda: datetime.now(UTC), is_ready=lambda: service.ready,
    )  # fmt: skip
    door = HttpDoor(admission, asking, service.tracing)
    clerk = ClerkDesk(
        admission, quarantine, Lookup(keyring, reservations, receipts, quarantine), asking, service.tracing
    )
    answers = Answers(collection("answers"), seal)
    kafka_door = KafkaDoor(
        admission, senders, answers, service.publisher, service.parking, pace, seal, service.tracing,
        Bounds(chosen.max_rows, chosen.max_bytes, pace.bytes_of_one), clock=lambda: datetime.now(UTC),
    )  # fmt: skip
    processing = ProcessingLog(collection("processing"), seal, days=chosen.processing_days)
    disclosing = Disclosing(asking, senders, identities, rights, processing, service.tracing)

    for kept in (reservations, quarantine, receipts, identities, processing, calendars, answers):
        service.on_start(kept.start)
    service.table(SCHOOL_REGISTER.name, senders.on_change)
    service.consume_all(SUBMISSIONS.name, SUBMISSIONS_PATTERN, kafka_door)
    for routes in (door.routes(), clerk.routes(), disclosing.routes(), description()):
        service.routes.extend(routes)
    return service
