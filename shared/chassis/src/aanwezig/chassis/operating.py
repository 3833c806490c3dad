"""The operators' door to parked records: what is parked, and what is to become of it.

It writes down what an operator asks; the owner of the record's partition does it, within about a second of being idle or
before its next batch (`retrying.py`). Records of strangers (`lanes.py`) have no owner that could handle them again: their
sender was told, and sends them again. They can be discarded.
"""

import base64
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Self, TypeVar

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aanwezig.chassis import logs
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.store import Document

_MOST_BYTES: Final = 256 * 1024
_MOST_ROWS: Final = 1_000
_FIELDS: Final = (
    "topic", "partition", "offset", "key", "reason", "error", "at", "open", "asked", "outcome", "closed", "ends",
)  # fmt: skip
_log = logs.get(__name__)
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_Ids = Annotated[list[Annotated[str, StringConstraints(max_length=400)]], Field(max_length=_MOST_ROWS)]


class _Asking(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    by: _Words
    ids: _Ids = []


class _Retry(_Asking):
    key: _Words | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.ids) == (self.key is not None):
            raise ValueError("ids or key")
        return self

    def query(self) -> dict[str, Any]:
        return {"_id": {"$in": self.ids}} if self.key is None else {"key": self.key}


class _Discard(_Asking):
    reason: _Words

    def query(self) -> dict[str, Any]:
        return {"_id": {"$in": self.ids}}


_Form = TypeVar("_Form", bound=_Asking)
_Act = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):
    """What is asked is not answered: the status, and a sentence."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class ParkedDoor:
    """`/v1/parked`, for whoever has the operator's key. `in_order`: the topics whose parked records can be tried again."""

    def __init__(self, parking: Parking, key: SecretStr | None, in_order: frozenset[str]) -> None:
        self._parking = parking
        self._parked = parking.collection
        self._key = None if key is None else key.get_secret_value().encode()
        self._in_order = in_order

    @property
    def routes(self) -> list[Route]:
        """The routes of this door."""
        return [
            Route("/v1/parked", self._guarded(self._list), methods=["GET"]),
            Route("/v1/parked/retry", self._guarded(self._retry), methods=["POST"]),
            Route("/v1/parked/discard", self._guarded(self._discard), methods=["POST"]),
            Route("/v1/parked/{id}", self._guarded(self._show), methods=["GET"]),
        ]

    def _guarded(self, act: _Act) -> _Act:
        async def guarded(request: Request) -> Response:
            try:
                self._require_the_key(request)
                return await act(request)
            except _Refused as refused:
                return _problem(refused.status, str(refused))
            except Unavailable:
                return _problem(
                    HTTPStatus.SERVICE_UNAVAILABLE, "The store cannot be asked now.", {"Retry-After": "2"}
                )

        return guarded

    def _require_the_key(self, request: Request) -> None:
        if self._key is None:
            raise _Refused(
                HTTPStatus.FORBIDDEN, "This service has no operator's key: set AANWEZIG_OPERATOR_KEY."
            )
        said = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(said, self._key):
            raise _Refused(HTTPStatus.UNAUTHORIZED, "This needs the operator's key.")

    async def _list(self, request: Request) -> Response:
        """The open records (or, with `closed=true`, the closed), by place; `key` picks one pupil's, `after` is an id."""
        asked = request.query_params
        query: dict[str, Any] = {"open": asked.get("closed") != "true"}
        if "key" in asked:
            query["key"] = asked["key"]
        if "after" in asked:
            query["$or"] = _after(asked["after"])
        rows = await self._parked.find(
            query, fields=_FIELDS, sort=[("topic", 1), ("partition", 1), ("offset", 1)], limit=_MOST_ROWS
        )
        following = rows[-1]["_id"] if len(rows) == _MOST_ROWS else None
        return JSONResponse({"rows": [_shown(row) for row in rows], "next": following})

    async def _show(self, request: Request) -> Response:
        row = await self._parked.find_one({"_id": request.path_params["id"]})
        if row is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "Nothing is parked under this id.")
        return JSONResponse(_shown(row) | _said(row.get("value")))

    async def _retry(self, request: Request) -> Response:
        """Asks for records to be tried again; with each its whole queue, for none overtakes another."""
        form = await _form(request, _Retry, '{"ids": [...]} or {"key": "..."}, and {"by": "..."}')
        found = await self._parked.find(form.query() | {"open": True}, fields=["topic"])
        asked = [row["_id"] for row in found if row["topic"] in self._in_order]
        what = {"what": "retry", "by": form.by, "at": datetime.now(UTC)}
        await self._parked.update(
            {"_id": {"$in": asked}, "open": True, "asked": None}, {"$set": {"asked": what}}
        )
        _log.info("parked.retry-asked", records=len(asked))
        return _asked(form, found, asked)

    async def _discard(self, request: Request) -> Response:
        """Gives records up; those behind them are then tried in their order."""
        form = await _form(request, _Discard, '{"ids": [...], "reason": "...", "by": "..."}')
        query = form.query() | {"open": True}
        found = await self._parked.find(query, fields=["topic", "partition", "offset"])
        asked = [row["_id"] for row in found]
        what = {"what": "discard", "by": form.by, "at": datetime.now(UTC), "reason": form.reason}
        await self._parked.update(query, {"$set": {"asked": what}})
        for row in found:
            if row["topic"] not in self._in_order:  # nobody waits behind it, and nobody else would close it
                await self._parking.discard(row, what)
        _log.info("parked.discard-asked", records=len(asked))
        return _asked(form, found, asked)


def _asked(form: _Asking, found: Sequence[Document], asked: Sequence[str]) -> Response:
    known = {row["_id"] for row in found}
    return JSONResponse({
        "asked": asked,
        "unknown": [one for one in form.ids if one not in known],
        "not_retried": sorted(known - set(asked)),
    })  # fmt: skip


async def _form(request: Request, form: type[_Form], hint: str) -> _Form:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {_MOST_ROWS} ids at once.")
    try:
        return form.model_validate_json(body)
    except ValidationError:
        raise _Refused(HTTPStatus.BAD_REQUEST, f"Say what is meant: {hint}.") from None


def _after(id_: str) -> list[dict[str, Any]]:
    try:
        topic, partition, offset = id_.rsplit(":", 2)
        place = {"topic": topic, "partition": int(partition), "offset": int(offset)}
    except ValueError:
        raise _Refused(HTTPStatus.BAD_REQUEST, "`after` is the id of a parked record.") from None
    return [
        {"topic": {"$gt": place["topic"]}},
        {"topic": topic, "partition": {"$gt": place["partition"]}},
        {"topic": topic, "partition": place["partition"], "offset": {"$gt": place["offset"]}},
    ]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    asked = row.get("asked") or {}
    state = row.get("outcome") or "closed"
    if row["open"]:
        state = f"{asked['what']}-asked" if asked else "parked"
    plain = {name: row[name] for name in ("topic", "partition", "offset", "key", "reason", "error")}
    moments = {
        name: None if row.get(name) is None else row[name].isoformat() for name in ("at", "closed", "ends")
    }
    return {
        "id": row["_id"],
        **plain,
        **moments,
        "state": state,
        "by": asked.get("by"),
        "why": asked.get("reason"),
    }


def _said(value: bytes | None) -> dict[str, Any]:
    """What a record says: as JSON where it is that, else its bytes in base64."""
    if value is None:
        return {"said": None}
    try:
        return {"said": orjson.loads(value)}
    except orjson.JSONDecodeError:
        return {"said": None, "base64": base64.b64encode(value).decode()}


def _problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "status": int(status), "detail": detail}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")
