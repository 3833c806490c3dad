"""Intake, put together: the only door for school data."""

from datetime import UTC, datetime

from aanwezig.chassis.service import Service
from aanwezig.chassis.settings import key_bytes
from aanwezig.contracts.topics import PARKED, SCHOOL_REGISTER
from aanwezig.intake.admit import Admission, Keyring
from aanwezig.intake.calendars import Calendars
from aanwezig.intake.doors import HttpDoor, Limits
from aanwezig.intake.identities import Identities
from aanwezig.intake.quarantine import Quarantine
from aanwezig.intake.reservations import Reservations
from aanwezig.intake.sealing import Seal
from aanwezig.intake.senders import Senders
from aanwezig.intake.settings import IntakeSettings


def build(settings: IntakeSettings | None = None) -> Service:
    """The service; settings come from the environment where none are given. Nothing connects before it runs."""
    chosen = settings or IntakeSettings()
    service = Service(name="intake", settings=chosen, parked_topic=PARKED["intake"].name)
    pseudonym_key = key_bytes(chosen.pseudonym_key)
    seal = Seal(key_bytes(chosen.number_key))
    collection = service.store.collection

    senders = Senders()
    reservations = Reservations(collection("reservations"))
    identities = Identities(collection("identities"), seal, remembered=chosen.known_pupils)
    calendars = Calendars(collection("calendars"), service.publisher)
    quarantine = Quarantine(
        collection("quarantine"),
        seal,
        key=pseudonym_key,
        limit=chosen.quarantine_limit,
        days=chosen.quarantine_days,
    )
    admission = Admission(
        senders, Keyring(pseudonym_key), reservations, identities, calendars, quarantine, service.publisher
    )
    door = HttpDoor(
        admission, senders, service.tracing,
        Limits(chosen.max_rows, chosen.max_bytes, chosen.body_seconds, chosen.answer_seconds),
        clock=lambda: datetime.now(UTC), is_ready=lambda: service.ready,
    )  # fmt: skip

    service.on_start(reservations.start)
    service.on_start(quarantine.start)
    service.on_start(calendars.start)
    service.table(SCHOOL_REGISTER.name, senders.on_change)
    service.routes.extend(door.routes())
    return service
