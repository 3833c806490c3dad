"""Who and what is meant: organisations, schools, pupils, and the ids of derived events.

Sources: `contract.md` 1 and 3; `domain.md` 6.6 (OIN, BRIN). Nothing here knows a key or a store.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

SOURCE_PATTERN: Final = r"urn:nld:oin:([0-9A-Z]{20})(?::systeem:([^\s:]{1,100}))?"
"""The form of a whole `source`: an OIN and, where named, a system."""

_SOURCE: Final = re.compile(SOURCE_PATTERN)
_SCHOOL: Final = re.compile(r"[0-9A-Z]{4}[0-9]{2}")
_BRIN_PREFIX: Final = "0000000700000000"
_TEST_PREFIX: Final = "00000099"
_BLOCK: Final = 64
"""Bytes of a block of SHA-256."""

PLATFORM_SOURCE: Final = "urn:nld:oin:00000099000000000000:systeem:aanwezig"
"""The `source` of what the platform itself says, followed by `-<service>`."""


class SenderKind(StrEnum):
    """What an organisation is, as far as the form of its OIN tells."""

    SCHOOL = "school"
    MUNICIPALITY = "municipality"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sender:
    """The organisation and, where named, the system that speaks in a `source`.

    `oin` is the 20 characters; `brin` the four of a school, else None; `municipality` the CBS code of four
    digits, else None.
    """

    oin: str
    system: str | None

    @property
    def brin(self) -> str | None:
        """The four characters of a school, None for others."""
        return self.oin[16:] if self.oin.startswith(_BRIN_PREFIX) else None

    @property
    def municipality(self) -> str | None:
        """The CBS code of a municipality, None for others."""
        code = self.oin[16:]
        return code if self.oin.startswith(f"{_TEST_PREFIX}00000000") and code.isdigit() else None

    @property
    def kind(self) -> SenderKind:
        """What the form of the OIN tells about its holder."""
        if self.brin is not None:
            return SenderKind.SCHOOL
        return SenderKind.MUNICIPALITY if self.municipality is not None else SenderKind.UNKNOWN


def sender_of(source: str) -> Sender | None:
    """Who speaks in a CloudEvents `source` (`urn:nld:oin:<20>[:systeem:<name>]`); None when it has no such form."""
    found = _SOURCE.fullmatch(source)
    return Sender(found[1], found[2]) if found else None


def school_source(brin: str, system: str | None = None) -> str:
    """The `source` of a school with this four-character BRIN."""
    return f"urn:nld:oin:{_BRIN_PREFIX}{brin}" + (f":systeem:{system}" if system else "")


def municipality_source(cbs_code: str, system: str | None = None) -> str:
    """The `source` of a municipality (CBS code of four digits), as tests write it."""
    return f"urn:nld:oin:{_TEST_PREFIX}{cbs_code:0>12}" + (f":systeem:{system}" if system else "")


def is_school(text: str) -> bool:
    """Whether a text has the form of a school's id: BRIN and two digits, `25PL00`."""
    return _SCHOOL.fullmatch(text) is not None


def is_personal_number(text: str) -> bool:
    """Whether nine digits pass the eleven-test of a BSN (remainder 0) or an onderwijsnummer (10..., remainder 5)."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()) or text == "000000000":
        return False
    weighted = sum(
        int(digit) * weight for digit, weight in zip(text, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)
    )
    remainder = weighted % 11
    return remainder == 0 or (remainder == 5 and text.startswith("10"))


def keyed_hash(key: bytes, *parts: str) -> str:
    """32 hexadecimal characters from parts under a key: the form of every pseudonym and every foreign id we repeat."""
    return _under(key)("\x1f".join(parts).encode())[:32]


@lru_cache(maxsize=64)
def _under(key: bytes) -> Callable[[bytes], str]:
    """HMAC-SHA256 under a key (RFC 2104), as hexadecimal characters.

    `hmac.digest` begins both of its hashes anew each time; begun once and copied they take a third of its time, and at the
    door every row is hashed four times.
    """
    whole = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
    block = whole.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(message: bytes) -> str:
        first, second = inner.copy(), outer.copy()
        first.update(message)
        second.update(first.digest())
        return second.hexdigest()

    return digest


def crossed(pseudonym: str, domain: str, key: bytes) -> str:
    """A pupil's or case's pseudonym in another domain: the one crossing there is (`contract.md` 2).

    `key` is the key of the domain that is entered; without it nobody can tell that two pseudonyms are one child.
    """
    return keyed_hash(key, domain, pseudonym)


def derived_id(*parts: str) -> str:
    """32 hexadecimal characters that depend on the parts alone: the same cause gives the same id, always."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
