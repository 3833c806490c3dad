"""The door of tables and directors: the agenda as it stands, and every document that was made for them.

`GET /v1/agenda`, `GET /v1/documents` and `GET /v1/documents/{id}`. A page is HTML, PDF or JSON, as `Accept` asks for or the
address ends: `.html`, `.pdf`, `.json`. Everybody sees its own alone.
"""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final, Literal

from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs
from aanwezig.chassis.asking import Asked, Asking
from aanwezig.chassis.languages import Language
from aanwezig.chassis.problems import Problem
from aanwezig.contracts.dates import amsterdam_date
from aanwezig.contracts.messages import RecipientRegistered
from aanwezig.notifier.agenda import Agenda
from aanwezig.notifier.digest import Digest
from aanwezig.notifier.documents import KIND_OF, Document, Documents
from aanwezig.notifier.paper import html_of, pdf_of

Form = Literal["html", "pdf", "json"]
MEDIA_TYPES: Final[Mapping[Form, str]] = {
    "html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json",
}  # fmt: skip
PROBLEMS: Final[Mapping[str, tuple[HTTPStatus, str, str]]] = {
    "no-page-for-role": (
        HTTPStatus.FORBIDDEN,
        "Voor uw rol is er geen agenda of weekoverzicht.",
        "There is no agenda or digest for your role.",
    ),
    "unknown-document": (
        HTTPStatus.NOT_FOUND,
        "Dit document is er niet, of het is niet van u.",
        "There is no such document, or it is not yours.",
    ),
    "no-such-form": (
        HTTPStatus.NOT_ACCEPTABLE,
        "Vraag om HTML, PDF of JSON.",
        "Ask for HTML, PDF or JSON.",
    ),
}
"""The problems of this door: status, and its sentence in Dutch and in English."""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_log = logs.get(__name__)


class PageProblem(Problem):
    """A request of this door that is answered with a problem."""

    def __init__(self, code: str) -> None:
        super().__init__(PROBLEMS[code][0], code)

    def sentence(self, language: Language) -> str:
        """What is wrong."""
        _, dutch, english = PROBLEMS[self.code]
        return english if language == "en" else dutch


class PageDoor:
    """The routes; `asking` knows whose key it is."""

    def __init__(self, documents: Documents, asking: Asking[RecipientRegistered]) -> None:
        self._documents = documents
        self._asking = asking

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        agendas = ["/v1/agenda", *(f"/v1/agenda.{form}" for form in MEDIA_TYPES)]
        return [
            *(self._asking.route(path, self._current) for path in agendas),
            self._asking.route("/v1/documents", self._list),
            self._asking.route("/v1/documents/{document}", self._one),
        ]

    async def _current(self, asked: Asked[RecipientRegistered]) -> Response:
        _require_role(asked.who)
        form = _form(asked, asked.request.url.path.rpartition("/")[2].partition(".")[2])
        async with asked.in_time():
            content = await self._documents.current(asked.who, amsterdam_date(asked.now))
        return await _page(asked, form, content, None, f"stand-{_last(content).isoformat()}")

    async def _list(self, asked: Asked[RecipientRegistered]) -> Response:
        _require_role(asked.who)
        async with asked.in_time():
            found = await self._documents.listed(asked.who.recipient)
        return asked.answer({"documents": [_line(one) for one in found]})

    async def _one(self, asked: Asked[RecipientRegistered]) -> Response:
        name, _, suffix = str(asked.request.path_params["document"]).partition(".")
        form = _form(asked, suffix)
        async with asked.in_time():
            found = await self._documents.get(name)
        if found is None or found.recipient != asked.who.recipient:
            raise PageProblem("unknown-document")
        return await _page(asked, form, found.content, found, f"{found.kind}-{found.on.isoformat()}")


def _require_role(who: RecipientRegistered) -> None:
    if who.role not in KIND_OF:
        raise PageProblem("no-page-for-role")


def _form(asked: Asked[RecipientRegistered], suffix: str) -> Form:
    """The form that the address names, else the one that `Accept` likes best; HTML where it likes all the same."""
    accepted = {suffix: 1.0} if suffix else _accepted(asked.request.headers.get("accept", "*/*"))
    liked: dict[Form, float] = {}
    for form, media_type in MEDIA_TYPES.items():
        bare = media_type.partition(";")[0]
        names = (form,) if suffix else (bare, f"{bare.partition('/')[0]}/*", "*/*")
        liked[form] = next((accepted[name] for name in names if name in accepted), 0.0)
    best = max(liked, key=lambda form: liked[form])
    if not liked[best]:
        raise PageProblem("no-such-form")
    return best


def _accepted(header: str) -> dict[str, float]:
    """How much each media type of an `Accept` is liked, 0 to 1; one that cannot be read is not liked."""
    liked: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        is_number = quality.replace(".", "", 1).isascii() and quality.replace(".", "", 1).isdigit()
        liked[name] = min(float(quality), 1.0) if is_number else 0.0
    return liked


async def _page(
    asked: Asked[RecipientRegistered], form: Form, content: Agenda | Digest, made: Document | None, name: str
) -> Response:
    on = None if made is None else made.on
    _log.info("document.read", form=form, kind=KIND_OF.get(asked.who.role), role=asked.who.role)
    if form == "json":
        said = content.as_state()
        return asked.answer(said if made is None else {**_line(made), "content": said})
    body = await pdf_of(content, on) if form == "pdf" else html_of(content, on).encode()
    answer = asked.answer(body, media_type=MEDIA_TYPES[form])
    answer.headers["content-language"] = "nl"
    answer.headers["content-security-policy"] = _POLICY
    answer.headers["x-content-type-options"] = "nosniff"
    answer.headers["content-disposition"] = f'inline; filename="{name}.{form}"'
    answer.headers["vary"] = "accept, accept-language, authorization"
    return answer


def _last(content: Agenda | Digest) -> date:
    return content.as_of if isinstance(content, Agenda) else content.until


def _line(document: Document) -> dict[str, Any]:
    """A document in a list; where its page is, in the form that is asked for."""
    return {
        "id": document.id, "kind": document.kind, "on": document.on.isoformat(), "as_of": document.as_of.isoformat(),
        "municipality": document.municipality, "href": f"/v1/documents/{document.id}",
    }  # fmt: skip
