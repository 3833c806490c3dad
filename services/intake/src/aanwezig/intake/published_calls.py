"""Every call of the door, declared: what it takes, what it answers, and which problems it may have.

A contract test compares this table with the routes that are served and with the problems that the code raises.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal

from aanwezig.chassis.describing import Parameter
from aanwezig.chassis.problems import Words
from aanwezig.contracts.messages import Message
from aanwezig.contracts.receipts import ReceiptSaid, ReceiptsSaid
from aanwezig.contracts.refusals import OF_A_WHOLE_FILE, Code
from aanwezig.intake import published_answers as answers
from aanwezig.intake.clerk import MOST_RECEIPTS, MOST_ROWS
from aanwezig.intake.origins import MOST_NAME, MOST_ROW

Body = Literal["facts", "correction", "resubmission", "question"]


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path. `answer` is what it says when all is well; None: the description itself."""

    method: str
    path: str
    name: str
    about: Words
    answer: type[Message] | None
    status: HTTPStatus = HTTPStatus.OK
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: frozenset[str] = frozenset()
    needs_key: bool = True


STATUS_OF: Final[Mapping[str, HTTPStatus]] = {
    "no-key": HTTPStatus.UNAUTHORIZED,
    "unknown-key": HTTPStatus.UNAUTHORIZED,
    "no-school": HTTPStatus.FORBIDDEN,
    "no-right": HTTPStatus.FORBIDDEN,
    "unknown-format": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "not-readable": HTTPStatus.BAD_REQUEST,
    "wrong-parameter": HTTPStatus.BAD_REQUEST,
    "unknown-parameter": HTTPStatus.BAD_REQUEST,
    "no-address": HTTPStatus.NOT_FOUND,
    "no-method": HTTPStatus.METHOD_NOT_ALLOWED,
    "wrong-ids": HTTPStatus.BAD_REQUEST,
    "wrong-question": HTTPStatus.BAD_REQUEST,
    "no-reason": HTTPStatus.BAD_REQUEST,
    "too-many-bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-many-rows": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-many-values": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-slow": HTTPStatus.REQUEST_TIMEOUT,
    "too-fast": HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-at-once": HTTPStatus.TOO_MANY_REQUESTS,
    "no-receipt": HTTPStatus.NOT_FOUND,
    "not-confirmed": HTTPStatus.NOT_FOUND,
    "no-file": HTTPStatus.NOT_FOUND,
    "not-in-quarantine": HTTPStatus.NOT_FOUND,
    "closed": HTTPStatus.CONFLICT,
    "sealed-away": HTTPStatus.GONE,
    "no-chain": HTTPStatus.NOT_IMPLEMENTED,
    "our-fault": HTTPStatus.INTERNAL_SERVER_ERROR,
    "no-room": HTTPStatus.SERVICE_UNAVAILABLE,
    "not-now": HTTPStatus.SERVICE_UNAVAILABLE,
    **{code.value: HTTPStatus.BAD_REQUEST for code in OF_A_WHOLE_FILE},
    Code.UNPACKS_TOO_LARGE.value: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
"""The status of every problem of the HTTP door."""

OF_NO_CALL: Final = frozenset({"no-address", "no-method"})
"""Problems of requests that are no call: there is no such address, or not by this method."""
_ALWAYS: Final = frozenset(
    {"no-key", "unknown-key", "unknown-parameter", "too-many-at-once", "our-fault", "not-now"}
)
_WITH_BODY: Final = _ALWAYS | {"too-many-bytes", "too-many-values", "too-slow", "no-room"}

_PLAIN: Final = r"[^\u0000-\u001f\u007f-\u009f]"
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MOST_NAME, "pattern": f"^{_PLAIN}+$"}
_FILE_NAME: Final[Mapping[str, Any]] = {**_NAME, "examples": ["week-36.csv"]}
_HASH: Final[Mapping[str, Any]] = {"type": "string", "pattern": "^[0-9a-f]{32}$"}


def _number(most: int) -> Mapping[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


_FILE: Final = Parameter(
    "file", _FILE_NAME, ("Naam van het bestand van de rijen.", "Name of the file that the rows are from.")
)
_ROW: Final = Parameter(
    "row", _number(MOST_ROW),
    ("Nummer in het bestand van de eerste rij van dit bericht.", "Number in the file of the first row of this request."),
)  # fmt: skip
_OF_FILE: Final = Parameter(
    "file", _FILE_NAME, ("Naam van het bestand.", "Name of the file."), is_required=True
)
_AFTER_ROW: Final = Parameter(
    "after", _number(MOST_ROW), ("'next' van de vorige bladzijde.", "'next' of the page before.")
)
_AFTER: Final = Parameter(
    "after",
    {"type": "string", "pattern": r"^[0-9]{15}\.[0-9]{9,10}\.[0-9a-f]{32}$"},
    ("'next' van de vorige bladzijde.", "'next' of the page before."),
)
_ID: Final = Parameter(
    "id", {"type": "string", "minLength": 1, "maxLength": 1000},
    ("Het id dat u het record gaf, gecodeerd voor een adres.", "The id you gave the record, encoded for an address."),
    "path", is_required=True,
)  # fmt: skip
_NUMBER: Final = Parameter(
    "id", _HASH, ("Nummer van het geweigerde record.", "Number of the refused record."), "path", is_required=True
)  # fmt: skip
_REASON: Final = Parameter(
    "reason", {**_NAME, "pattern": rf"^{_PLAIN}*\S{_PLAIN}*$"},
    ("Waarom het record wordt weggelegd.", "Why the record is discarded."), is_required=True,
)  # fmt: skip
_PACKED: Final = Parameter(
    "Content-Encoding", {"type": "string", "enum": ["gzip", "x-gzip", "identity"]},
    ("'gzip' als de inhoud is ingepakt.", "'gzip' where the body is packed."), "header",
)  # fmt: skip


def _limit(most: int) -> Parameter:
    return Parameter("limit", _number(most), ("Hoeveel rijen hoogstens.", "How many rows at most."))


CALLS: Final[tuple[Call, ...]] = (
    Call(
        "POST", "/v1/facts", "submit",
        (
            "Stuur rijen in. U krijgt per rij een ontvangstbewijs, in dezelfde volgorde, als de rijen veilig zijn opgeslagen. Dubbel sturen kan geen kwaad.",
            "Submit rows. You get a receipt per row, in the same order, when the rows are safely stored. Sending twice does no harm.",
        ),
        ReceiptsSaid, HTTPStatus.ACCEPTED, (_FILE, _ROW, _PACKED), "facts",
        _WITH_BODY
        | {"no-school", "unknown-format", "not-readable", "too-many-rows", "too-fast", "wrong-parameter"}
        | {code.value for code in OF_A_WHOLE_FILE},
    ),
    Call(
        "GET", "/v1/system", "system",
        ("Wat van uw systeem bekend is, en hoeveel het mag sturen.", "What is known of your system, and how much it may send."),
        answers.SystemSaid, problems=_ALWAYS,
    ),
    Call(
        "GET", "/v1/receipts", "receiptsOfFile",
        ("Wat er van een bestand geworden is, rij voor rij.", "What became of a file, row by row."),
        answers.FileSaid,
        parameters=(
            _OF_FILE,
            Parameter("outcome", {"type": "string", "enum": ["refused"]}, ("Alleen geweigerde rijen.", "Only refused rows.")),
            _AFTER_ROW,
            _limit(MOST_RECEIPTS),
        ),
        problems=_ALWAYS | {"wrong-parameter", "no-file", "sealed-away"},
    ),
    Call(
        "GET", "/v1/receipts/{id}", "receipt",
        ("Wat er van een record geworden is.", "What became of a record."),
        ReceiptSaid, parameters=(_ID,), problems=_ALWAYS | {"no-receipt", "not-confirmed", "sealed-away"},
    ),
    Call(
        "GET", "/v1/quarantine", "refused",
        ("De geweigerde rijen die op u wachten.", "The refused rows that wait for you."),
        answers.RefusedRows,
        parameters=(
            Parameter("school", {"type": "string", "pattern": "^[0-9A-Z]{4}[0-9]{2}$"}, ("Van deze school.", "Of this school.")),
            Parameter("code", {"type": "string", "enum": [code.value for code in Code]}, ("Met deze code.", "With this code.")),
            Parameter("file", _FILE_NAME, ("Uit dit bestand.", "From this file.")),
            _AFTER,
            _limit(MOST_ROWS),
        ),
        problems=_ALWAYS | {"wrong-parameter"},
    ),
    Call(
        "GET", "/v1/quarantine/counts", "refusedCounts",
        ("Hoeveel rijen er wachten, per school en code.", "How many rows wait, per school and code."),
        answers.RefusedCounts, problems=_ALWAYS,
    ),
    Call(
        "POST", "/v1/quarantine/resubmit", "resubmit",
        ("Laat rijen opnieuw beoordelen zoals ze kwamen.", "Have rows judged anew, as they came."),
        answers.Resubmitted, body="resubmission", problems=_WITH_BODY | {"not-readable", "wrong-ids", "too-fast"},
    ),
    Call(
        "GET", "/v1/quarantine/{id}", "refusedRow",
        ("Een geweigerde rij, met wat u stuurde.", "A refused row, with what you sent."),
        answers.RefusedRowWhole, parameters=(_NUMBER,), problems=_ALWAYS | {"not-in-quarantine"},
    ),
    Call(
        "PUT", "/v1/quarantine/{id}", "correct",
        ("Zet een verbeterd record in de plaats van een geweigerde rij.", "Put a corrected record in the place of a refused row."),
        answers.Corrected, parameters=(_NUMBER,), body="correction",
        problems=_WITH_BODY | {"unknown-format", "not-readable", "not-in-quarantine", "closed", "too-fast"},
    ),
    Call(
        "DELETE", "/v1/quarantine/{id}", "discard",
        ("Leg een geweigerde rij weg, met een reden.", "Discard a refused row, with a reason."),
        answers.Discarded, parameters=(_NUMBER, _REASON),
        problems=_ALWAYS | {"wrong-parameter", "no-reason", "not-in-quarantine", "closed"},
    ),
    Call(
        "POST", "/v1/identities", "identities",
        (
            "Vraag wie een pseudoniem is. Alleen voor een gemeente met dat recht; elk antwoord komt in het verwerkingenlogboek.",
            "Ask who a pseudonym is. Only for a municipality with that right; every answer is put into the processing log.",
        ),
        answers.IdentitiesSaid, body="question",
        problems=_WITH_BODY
        | {"no-right", "unknown-format", "not-readable", "wrong-question", "no-chain", "too-fast"},
    ),
    Call(
        "GET", "/v1/openapi.json", "description",
        ("Deze beschrijving; zonder sleutel.", "This description; without a key."),
        None, needs_key=False,
    ),
)  # fmt: skip
