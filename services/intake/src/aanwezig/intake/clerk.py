"""A clerk's desk, over HTTP: what became of rows and files, and the refused rows, to correct, to send again or to discard.

A system's key sees the rows of that system and no others; the number of another system's row is a number that does not exist.
What is corrected or sent again goes through the same admission as everything else.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs
from aanwezig.chassis.sealing import SealedAway
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.dates import utc_text
from aanwezig.contracts.refusals import Code
from aanwezig.intake.addresses import ANYTHING
from aanwezig.intake.admit import Admission, Anew
from aanwezig.intake.asking import Asked, Asking, too_fast
from aanwezig.intake.entries import Entry
from aanwezig.intake.formats import FORMATS, NotReadable
from aanwezig.intake.lookup import MOST_ERRORS, Lookup, Unconfirmed
from aanwezig.intake.origins import MOST_ROW
from aanwezig.intake.problems import Problem
from aanwezig.intake.quarantine import Quarantine, Wanted
from aanwezig.intake.receipts import Receipt

MOST_IDS: Final = 1_000
"""Most refused rows judged anew in one request."""
MOST_ROWS: Final = 1_000
MOST_RECEIPTS: Final = 5_000
"""Most refused rows, and most receipts, in one answer."""
_ROWS: Final = 100
_RECEIPTS: Final = 1_000
_ANY: Final = f"{{id:{ANYTHING}}}"
_PLACE: Final = re.compile(r"[0-9]{15}\.[0-9]{9,10}\.[0-9a-f]{32}")
_ID: Final = re.compile("[0-9a-f]{32}")
_SCHOOL: Final = re.compile("[0-9A-Z]{4}[0-9]{2}")
_CODES: Final = frozenset(code.value for code in Code)
_SINGLE: Final = "application/cloudevents+json"
_JSON: Final = frozenset({_SINGLE, "application/json"})
_log = logs.get(__name__)


class ClerkDesk:
    """`/v1/receipts` and `/v1/quarantine`, with what is under them."""

    def __init__(
        self, admission: Admission, quarantine: Quarantine, lookup: Lookup, asking: Asking, tracing: Tracing
    ) -> None:
        self._admission = admission
        self._quarantine = quarantine
        self._lookup = lookup
        self._asking = asking
        self._tracing = tracing

    def routes(self) -> list[BaseRoute]:
        """The routes of this desk."""
        route = self._asking.route
        return [
            route("/v1/receipts", self._of_file, takes=("file", "outcome", "after", "limit")),
            route(f"/v1/receipts/{_ANY}", self._of_id),
            route("/v1/quarantine", self._list, takes=("school", "code", "file", "after", "limit")),
            route("/v1/quarantine/counts", self._counts),
            route("/v1/quarantine/resubmit", self._resubmit, "POST"),
            route(f"/v1/quarantine/{_ANY}", self._show),
            route(f"/v1/quarantine/{_ANY}", self._correct, "PUT"),
            route(f"/v1/quarantine/{_ANY}", self._discard, "DELETE", takes=("reason",)),
        ]

    async def _of_id(self, asked: Asked) -> Response:
        async with asked.in_time():
            with _kept_and_known():
                found = await self._lookup.by_id(asked.system, asked.request.path_params["id"])
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-receipt")
        return asked.answer(found.said(asked.language))

    async def _of_file(self, asked: Asked) -> Response:
        """The receipts of the newest sending of a file, as they stand now, by the number of the row."""
        file = asked.parameter("file")
        if file is None:
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", "file")
        outcome = asked.parameter("outcome")
        if outcome not in {None, "refused"}:
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", "outcome")
        after = asked.number("after", 0, most=MOST_ROW)
        limit = asked.number("limit", _RECEIPTS, most=MOST_RECEIPTS)
        async with asked.in_time():
            with _kept_and_known():
                page = await self._lookup.by_file(
                    asked.system, file, only_refused=outcome is not None, after=after or None, limit=limit
                )
        if page is None:
            raise Problem(HTTPStatus.NOT_FOUND, "no-file")
        counts = page.counts
        return asked.answer(
            {
                "file": file,
                "at": utc_text(page.at),
                "counts": counts
                and {
                    "rows": counts.rows,
                    "accepted": counts.accepted,
                    "refused": counts.rows - counts.accepted,
                },
                "receipts": [
                    {"row": told.row, **told.receipt.said(asked.language), "quarantine": told.entry}
                    for told in page.receipts
                ],
                "next": None if page.next is None else str(page.next),
            }
        )

    async def _list(self, asked: Asked) -> Response:
        wanted = Wanted(
            school=_matching(asked, "school", _SCHOOL),
            code=asked.parameter("code"),
            file=asked.parameter("file"),
            after=_matching(asked, "after", _PLACE),
        )
        if wanted.code is not None and wanted.code not in _CODES:
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", "code")
        limit = asked.number("limit", _ROWS, most=MOST_ROWS)
        async with asked.in_time():
            rows, more = await self._page(asked.system.id, wanted, limit)
        return asked.answer(
            {
                "rows": [entry.said(asked.language) for entry in rows],
                "next": rows[-1].place if more else None,
            }
        )

    async def _page(self, system: str, wanted: Wanted, limit: int) -> tuple[list[Entry], bool]:
        """The open rows asked for, fewer than `limit` where much is wrong with each of them; and whether there are more."""
        rows: list[Entry] = []
        errors = 0
        while True:
            most = min(_ROWS, limit + 1 - len(rows))
            found = await self._quarantine.entries(system, wanted, most)
            for entry in found:
                if len(rows) == limit or errors >= MOST_ERRORS:
                    return rows, True
                rows.append(entry)
                errors += len(entry.errors)
            if len(found) < most:
                return rows, False
            wanted = replace(wanted, after=rows[-1].place)

    async def _counts(self, asked: Asked) -> Response:
        async with asked.in_time():
            return asked.answer(await self._quarantine.counts(asked.system.id))

    async def _show(self, asked: Asked) -> Response:
        async with asked.in_time():
            entry, raw = await self._found(asked)
        said = None if raw is None else _as_it_came(raw)
        return asked.answer({**entry.said(asked.language), "reason": entry.reason, "said": said})

    async def _correct(self, asked: Asked) -> Response:
        """Judges an event in the place of a row, by the admission of every door."""
        if asked.request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _JSON:
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-format", _SINGLE)
        body = await asked.body()
        asked.hold_values_of(body)
        try:
            (row,) = FORMATS[_SINGLE](body, 1)
        except NotReadable:
            raise Problem(HTTPStatus.BAD_REQUEST, "not-readable") from None
        async with asked.in_time():
            entry = await self._open(asked)
        (receipt,) = await self._judged(asked, [Anew(entry.id, row)])
        state = "open" if receipt.outcome == "refused" else "corrected"
        return asked.answer({"quarantine": entry.id, "state": state, "receipt": receipt.said(asked.language)})

    async def _resubmit(self, asked: Asked) -> Response:
        """Judges rows anew as they came: a school may have been registered since, or an enrolment told."""
        ids = _ids(await asked.json())
        async with asked.in_time():
            asked.hold(await self._quarantine.bytes_of(asked.system.id, ids))
            rows = await self._quarantine.rows(asked.system.id, ids)
        anew = [Anew(id_, row) for id_ in ids if (row := rows.get(id_)) is not None]
        receipts = await self._judged(asked, anew) if anew else []
        refused = {
            one.entry: receipt.errors
            for one, receipt in zip(anew, receipts, strict=True)
            if receipt.outcome == "refused"
        }
        async with asked.in_time():
            await self._quarantine.judged_anew(asked.system.id, refused)
        return asked.answer(
            {
                "receipts": [
                    {"quarantine": one.entry, **receipt.said(asked.language)}
                    for one, receipt in zip(anew, receipts, strict=True)
                ],
                "unknown": [id_ for id_ in ids if id_ not in rows],
                "unopened": [id_ for id_ in ids if id_ in rows and rows[id_] is None],
            }
        )

    async def _discard(self, asked: Asked) -> Response:
        reason = asked.parameter("reason") if "reason" in asked.request.query_params else None
        if reason is None or not reason.strip():
            raise Problem(HTTPStatus.BAD_REQUEST, "no-reason")
        async with asked.in_time():
            entry, _ = await self._found(asked)
            # The same again, by a clerk who heard nothing, is no mistake: the first reason stands.
            if entry.state != "discarded" and not await self._quarantine.discard(
                asked.system.id, entry.id, reason, asked.now
            ):
                raise Problem(HTTPStatus.CONFLICT, "closed")
        _log.info("quarantine.discarded", system=asked.system.id)
        return asked.answer({"quarantine": entry.id, "state": "discarded"})

    async def _found(self, asked: Asked) -> tuple[Entry, bytes | None]:
        id_ = asked.request.path_params["id"]
        found = await self._quarantine.entry(asked.system.id, id_) if _ID.fullmatch(id_) else None
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "not-in-quarantine")
        return found

    async def _open(self, asked: Asked) -> Entry:
        entry, _ = await self._found(asked)
        if entry.state != "open":
            raise Problem(HTTPStatus.CONFLICT, "closed")
        return entry

    async def _judged(self, asked: Asked, anew: Sequence[Anew]) -> list[Receipt]:
        wait = self._asking.pace.wait(asked.system.id, len(anew))
        if wait is not None:
            raise too_fast(wait)
        with self._tracing.step("admit", asked.traceparent) as traceparent:
            async with asked.in_time():
                receipts = await self._admission.readmit(
                    asked.system, anew, now=asked.now, traceparent=traceparent
                )
        outcomes = Counter(receipt.outcome for receipt in receipts)
        codes = Counter(error.code.value for receipt in receipts for error in receipt.errors)
        _log.info(
            "quarantine.judged", system=asked.system.id, rows=len(receipts), accepted=outcomes["accepted"],
            duplicate=outcomes["duplicate"], refused=outcomes["refused"], codes=dict(codes),
        )  # fmt: skip
        return receipts


@contextmanager
def _kept_and_known() -> Iterator[None]:
    """Tells as problems what a look-up cannot answer."""
    try:
        yield
    except Unconfirmed:
        raise Problem(HTTPStatus.NOT_FOUND, "not-confirmed") from None
    except SealedAway:
        raise Problem(HTTPStatus.GONE, "sealed-away") from None


def _matching(asked: Asked, name: str, form: re.Pattern[str]) -> str | None:
    given = asked.parameter(name)
    if given is not None and not form.fullmatch(given):
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", name)
    return given


def _ids(said: Any) -> list[str]:
    ids = said.get("ids") if isinstance(said, dict) else None
    if (
        not isinstance(ids, list)
        or not 0 < len(ids) <= MOST_IDS
        or not all(isinstance(id_, str) and _ID.fullmatch(id_) for id_ in ids)
    ):
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong-ids", f"{MOST_IDS}")
    return list(dict.fromkeys(ids))


def _as_it_came(raw: bytes) -> Any:
    """A row as its JSON value; as text where it is none, or nested deeper than an answer can be."""
    try:
        said = orjson.loads(raw)
        orjson.dumps(said)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return raw.decode("utf-8", "replace")
    return said
