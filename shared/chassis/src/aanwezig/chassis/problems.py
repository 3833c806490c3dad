"""Answers that are no results: problem+json (RFC 9457), in the caller's language, and nothing of what went wrong inside.

Here are the problems that every door with a key has. A door's own are a subclass of `Problem` with words of its own.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from pydantic_core import ErrorDetails
from starlette.responses import Response

from aanwezig.chassis.languages import Language

RETRY_SECONDS: Final = 5
_MOST_SHOWN: Final = 60
Words = tuple[str, str]
"""A sentence in Dutch and in English."""


class Problem(Exception):
    """A request that is answered with a problem: `code` names its sentence, `detail` fills it from our own words.

    `more` are members beside those of RFC 9457; `retry` after how many seconds the same may be asked again, where that is
    not the usual time of its status.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str = "",
        more: Mapping[str, Any] | None = None,
        *,
        retry: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.more: Mapping[str, Any] = more or {}
        self.retry = retry

    def sentence(self, language: Language) -> str:
        """What is wrong and what to do."""
        return in_language(GENERAL[self.code], language).format(detail=self.detail)

    def members(self, _language: Language) -> Mapping[str, Any]:
        """What the answer holds beside the sentence."""
        return self.more


class WrongFields(Problem):
    """What was sent is not the contract: an error for each field, by its name and one of `FIELD_ERRORS`."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, "not-the-contract")
        self._errors = errors

    def members(self, language: Language) -> Mapping[str, Any]:
        """The errors, each with its field, code and sentence."""
        return {
            "errors": [
                {"field": name, "code": code, "message": field_sentence(name, code, language)}
                for name, code in self._errors
            ]
        }


def answer(problem: Problem, language: Language) -> Response:
    """The response that tells a problem. Nobody on the way keeps it."""
    said = {
        "type": "about:blank", "title": problem.status.phrase, "status": problem.status.value, "code": problem.code,
        "detail": problem.sentence(language), **problem.members(language),
    }  # fmt: skip
    headers = {
        "content-language": language, "vary": "accept-language, authorization", "cache-control": "no-store",
        **_HEADERS.get(problem.status, {}),
    }  # fmt: skip
    if problem.retry is not None:
        headers["retry-after"] = str(problem.retry)
    return Response(
        orjson.dumps(said), problem.status.value, headers=headers, media_type="application/problem+json"
    )


def wrong_fields(errors: Sequence[ErrorDetails], under: str = "") -> WrongFields:
    """The problem of what pydantic found, without what was sent. `under`: where the fields stand."""
    found = []
    for error in errors:
        path = ".".join(_plain(part) for part in error["loc"])
        found.append((f"{under}.{path}".strip("."), _CODES.get(error["type"], "wrong-value")))
    return WrongFields(found)


def field_sentence(name: str, code: str, language: Language) -> str:
    """What is wrong with one field."""
    return in_language(FIELD_ERRORS[code], language).format(field=name)


def in_language(words: Words, language: Language) -> str:
    """The sentence in this language."""
    return words[1] if language == "en" else words[0]


def _plain(part: int | str) -> str:
    return "".join(one if one.isprintable() else "?" for one in str(part)[:_MOST_SHOWN])


_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Bearer realm="aanwezig"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": str(RETRY_SECONDS)},
}
_CODES: Final[Mapping[str, str]] = {"missing": "required", "extra_forbidden": "unknown-field"}
FIELD_ERRORS: Final[Mapping[str, Words]] = {
    "required": ("Het veld '{field}' ontbreekt.", "The field '{field}' is missing."),
    "unknown-field": ("Het veld '{field}' kennen wij niet.", "We do not know the field '{field}'."),
    "wrong-value": (
        "Het veld '{field}' heeft niet de goede waarde; kijk in de handleiding wat er mag staan.",
        "The field '{field}' has a wrong value; the guide says what it may be.",
    ),
    "too-far-ahead": (
        "Het veld '{field}' ligt meer dan een dag in de toekomst.",
        "The field '{field}' lies more than a day in the future.",
    ),
}
GENERAL: Final[Mapping[str, Words]] = {
    "no-key": (
        "Stuur uw sleutel mee: 'Authorization: Bearer <sleutel>'.",
        "Send your key: 'Authorization: Bearer <key>'.",
    ),
    "unknown-key": (
        "Deze sleutel kennen wij niet, of hij geldt niet meer. Vraag de beheerder om een nieuwe.",
        "We do not know this key, or it is no longer valid. Ask the operator for a new one.",
    ),
    "unknown-format": (
        "Dit formaat kennen wij niet. Stuur een van: {detail}.",
        "We do not know this format. Send one of: {detail}.",
    ),
    "not-readable": (
        "De inhoud is geen JSON-object. Er is niets gedaan.",
        "The content is no JSON object. Nothing was done.",
    ),
    "not-the-contract": (
        "De inhoud klopt niet. Er is niets gedaan; bij 'errors' staat per veld wat er mis is.",
        "The content is not right. Nothing was done; 'errors' says for each field what is wrong.",
    ),
    "too-many-bytes": (
        "Het verzoek is te groot; het mag {detail} bytes zijn. Er is niets gedaan.",
        "The request is too large; it may be {detail} bytes. Nothing was done.",
    ),
    "too-slow": (
        "Het verzoek was niet binnen {detail} seconden binnen. Er is niets gedaan; stuur het opnieuw.",
        "The request did not arrive within {detail} seconds. Nothing was done; send it again.",
    ),
    "wrong-parameter": (
        "De parameter '{detail}' in het adres klopt niet. Kijk in de handleiding wat er mag staan.",
        "The parameter '{detail}' in the address is not right. The guide says what it may be.",
    ),
    "unknown-parameter": (
        "Dit adres heeft een parameter die wij niet kennen. Bekend: {detail}.",
        "This address has a parameter we do not know. Known: {detail}.",
    ),
    "not-now": (
        "Wij kunnen nu even niet antwoorden. Stuur hetzelfde verzoek later opnieuw; dubbel sturen kan geen kwaad.",
        "We cannot answer right now. Send the same request again later; sending twice does no harm.",
    ),
    "our-fault": (
        "Er ging bij ons iets mis. Stuur hetzelfde verzoek later opnieuw; dubbel sturen kan geen kwaad.",
        "Something went wrong on our side. Send the same request again later; sending twice does no harm.",
    ),
}
"""The sentence of each of these problems in Dutch and English; `{detail}` is a number or a word of ours."""
STATUS_OF: Final[Mapping[str, HTTPStatus]] = {
    "no-key": HTTPStatus.UNAUTHORIZED,
    "unknown-key": HTTPStatus.UNAUTHORIZED,
    "unknown-format": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "not-readable": HTTPStatus.BAD_REQUEST,
    "not-the-contract": HTTPStatus.BAD_REQUEST,
    "too-many-bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-slow": HTTPStatus.REQUEST_TIMEOUT,
    "wrong-parameter": HTTPStatus.BAD_REQUEST,
    "unknown-parameter": HTTPStatus.BAD_REQUEST,
    "not-now": HTTPStatus.SERVICE_UNAVAILABLE,
    "our-fault": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each of these problems."""
