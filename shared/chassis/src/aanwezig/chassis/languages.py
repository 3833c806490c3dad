"""In which language somebody is answered: Dutch, or English where it is asked for."""

from typing import Literal

Language = Literal["nl", "en"]


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
