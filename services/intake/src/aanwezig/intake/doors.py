"""The HTTP door for facts (`contract.md` 5): in which format, how much; then admission; then receipts in order.

Other doors (Kafka, files) read their rows with the same readers and hand them to the same `Admission`.
"""

import time
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.intake.admit import Admission, Receipt
from aanwezig.intake.asking import Asked, Asking, too_fast
from aanwezig.intake.bodies import MEDIA_TYPES, Label, NotOurs, label_of, rows_of, unpacked_body
from aanwezig.intake.formats import NotReadable, TooManyRows
from aanwezig.intake.origins import MOST_ROW, Origin
from aanwezig.intake.problems import Problem, WholeRefused
from aanwezig.intake.readings import NotTaken, Numbered
from aanwezig.intake.senders import System
from aanwezig.intake.unpacking import is_gzip

_log = logs.get(__name__)


class HttpDoor:
    """`POST /v1/facts` and `GET /v1/system`."""

    def __init__(self, admission: Admission, asking: Asking, tracing: Tracing) -> None:
        self._admission = admission
        self._asking = asking
        self._tracing = tracing

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            self._asking.route("/v1/facts", self._facts, "POST", takes=("file", "row")),
            self._asking.route("/v1/system", self._system),
        ]

    async def _facts(self, asked: Asked) -> Response:
        started = time.monotonic()
        system = asked.system
        if not system.schools and not system.is_municipality:
            raise Problem(HTTPStatus.FORBIDDEN, "no-school")
        label = _label(asked.request)
        file = asked.parameter("file")
        first = asked.number("row", 0, most=MOST_ROW)
        # Before the body, so that nothing of it is read for a system that may send no row any more in this minute.
        _in_pace(self._asking.pace.full(system.id))
        rows = await self._read(asked, label)
        _in_pace(self._asking.pace.wait(system.id, len(rows)))
        shift = first - rows[0].number if first and rows else 0
        origin = Origin("http", file, numbers=tuple(one.number + shift for one in rows))
        with self._tracing.step("admit", asked.traceparent) as traceparent:
            async with asked.in_time():
                receipts = await self._admission.admit(
                    system, [one.row for one in rows], now=asked.now, traceparent=traceparent, origin=origin
                )
            _log_taken(system, label.media_type, receipts, time.monotonic() - started)
        return asked.answer(
            {"receipts": [receipt.said(asked.language) for receipt in receipts]}, HTTPStatus.ACCEPTED
        )

    async def _system(self, asked: Asked) -> Response:
        """What is registered of the system that asks, and how much it may send: a maker's first call."""
        system, limits, pace = asked.system, self._asking.limits, self._asking.pace
        return asked.answer(
            {
                "system": system.id,
                "oin": system.oin,
                "source": system.source,
                "schools": sorted(system.schools),
                "map": dict(sorted(system.map.items())),
                "rights": sorted(system.rights),
                "limits": {
                    "rows": limits.rows,
                    "bytes": limits.bytes,
                    "event_bytes": MAX_EVENT_BYTES,
                    "body_seconds": limits.seconds,
                    "rows_a_minute": pace.rows_a_minute,
                    "requests_abreast": pace.abreast,
                },
            }
        )

    async def _read(self, asked: Asked, label: Label) -> Sequence[Numbered]:
        """The rows of the body.

        Raises:
            Problem: it is too much, or not what it says; nothing of it is taken.
        """
        limits = self._asking.limits
        packed = await asked.body()
        try:
            body = packed
            if label.packed or is_gzip(packed):
                asked.hold(limits.bytes)
                body = await asked.beside(len(packed), unpacked_body, packed, label, limits.bytes)
                asked.held_too_much(limits.bytes - len(body))
            asked.hold_values_of(body)
            return await asked.beside(
                len(body), rows_of, body, label, limits.rows, source=asked.system.source
            )
        except NotTaken as refused:
            raise WholeRefused(refused.refusal) from None
        except NotReadable:
            raise Problem(HTTPStatus.BAD_REQUEST, "not-readable") from None
        except TooManyRows:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-rows", f"{limits.rows}") from None


def _label(request: Request) -> Label:
    try:
        return label_of(request.headers)
    except NotOurs:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-format", ", ".join(MEDIA_TYPES)) from None


def _in_pace(wait: float | None) -> None:
    if wait is not None:
        raise too_fast(wait)


def _log_taken(system: System, media_type: str, receipts: list[Receipt], seconds: float) -> None:
    outcomes = Counter(receipt.outcome for receipt in receipts)
    codes = Counter(error.code.value for receipt in receipts for error in receipt.errors)
    _log.info(
        "rows.taken", door="http", system=system.id, format=media_type, rows=len(receipts),
        accepted=outcomes["accepted"], duplicate=outcomes["duplicate"], refused=outcomes["refused"],
        codes=dict(codes), milliseconds=round(seconds * 1000),
    )  # fmt: skip
