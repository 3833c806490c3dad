"""Answers that are no receipts: problem+json (RFC 9457), in the sender's language, and nothing of what went wrong inside."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, Literal

import orjson
from starlette.responses import Response

Language = Literal["nl", "en"]
RETRY_SECONDS: Final = 5


class Problem(Exception):
    """A request that is answered as a whole: `code` names the sentence, `detail` fills it from our limits."""

    def __init__(self, status: HTTPStatus, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail


def answer(problem: Problem, language: Language, *, hang_up: bool = False) -> Response:
    """The response that tells a problem; `hang_up` where the rest of the request is not waited for."""
    dutch, english = _WORDS[problem.code]
    said = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "code": problem.code,
        "detail": (english if language == "en" else dutch).format(detail=problem.detail),
    }
    headers = {"content-language": language, **_HEADERS.get(problem.status, {})}
    if hang_up:
        headers["connection"] = "close"
    return Response(
        orjson.dumps(said),
        status_code=problem.status.value,
        headers=headers,
        media_type="application/problem+json",
    )


def language_of(accept_language: str | None) -> Language:
    """Dutch, unless English is asked for before it (`Accept-Language`, RFC 9110 12.5.4)."""
    weights = {"nl": 0.0, "en": 0.0}
    for part in (accept_language or "").lower().split(","):
        name, _, parameters = part.strip().partition(";")
        language = name.strip().split("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _quality(parameters))
    return "en" if weights["en"] > weights["nl"] else "nl"


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Bearer realm="aanwezig"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": str(RETRY_SECONDS)},
}

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "no-key": (
        "Stuur de sleutel van uw systeem mee: 'Authorization: Bearer <sleutel>'.",
        "Send the key of your system: 'Authorization: Bearer <key>'.",
    ),
    "unknown-key": (
        "Deze sleutel kennen wij niet, of hij geldt niet meer. Vraag de beheerder om een nieuwe.",
        "We do not know this key, or it is no longer valid. Ask the operator for a new one.",
    ),
    "no-school": (
        "Uw systeem is aangemeld zonder scholen. Vraag de beheerder om uw scholen toe te voegen.",
        "Your system is registered without schools. Ask the operator to add your schools.",
    ),
    "unknown-format": (
        "Dit formaat kennen wij niet. Stuur een van: {detail}.",
        "We do not know this format. Send one of: {detail}.",
    ),
    "not-readable": (
        "De inhoud is niet wat 'Content-Type' zegt. Er is niets verwerkt; laat de leverancier het bericht opnieuw maken.",
        "The content is not what 'Content-Type' says. Nothing was taken; ask the supplier to produce the message again.",
    ),
    "too-many-bytes": (
        "Het bericht is te groot; het mag {detail} bytes zijn. Er is niets verwerkt; verdeel het over meer berichten.",
        "The message is too large; it may be {detail} bytes. Nothing was taken; split it over more messages.",
    ),
    "too-many-rows": (
        "Het bericht heeft te veel rijen; het mogen er {detail} zijn. Er is niets verwerkt; verdeel het over meer berichten.",
        "The message has too many rows; there may be {detail}. Nothing was taken; split it over more messages.",
    ),
    "too-slow": (
        "Het bericht was niet binnen {detail} seconden binnen. Er is niets verwerkt; stuur het opnieuw.",
        "The message did not arrive within {detail} seconds. Nothing was taken; send it again.",
    ),
    "no-receipt": (
        "Van dit id is geen ontvangstbewijs bekend. Stuur het record opnieuw; dubbel sturen kan geen kwaad.",
        "No receipt is known for this id. Send the record again; sending twice does no harm.",
    ),
    "not-now": (
        "Wij kunnen nu even niets aannemen. Stuur hetzelfde bericht later opnieuw; dubbel sturen kan geen kwaad.",
        "We cannot take anything in right now. Send the same message again later; sending twice does no harm.",
    ),
    "our-fault": (
        "Er ging bij ons iets mis. Stuur hetzelfde bericht later opnieuw; dubbel sturen kan geen kwaad.",
        "Something went wrong on our side. Send the same message again later; sending twice does no harm.",
    ),
}
