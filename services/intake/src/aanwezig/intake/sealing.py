"""Encryption at rest of what names a child: AES-256-GCM, bound to the document it stands in."""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM: Final = b"\x01"
_NONCE_BYTES: Final = 12


class SealedAway(Exception):
    """What was kept was sealed under a key this service no longer has: nobody can read it here any more."""


class Seal:
    """Seals and opens under one key of 32 bytes. The first byte of what it gives names the form, for a later key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: str) -> bytes:
        """The bytes sealed for the document with this id; a copy under another id does not open."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORM + nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed for the document with this id.

        Raises:
            cryptography.exceptions.InvalidTag: another key, another id, or changed bytes.
        """
        nonce = sealed[1 : 1 + _NONCE_BYTES]
        return self._cipher.decrypt(nonce, sealed[1 + _NONCE_BYTES :], about.encode())

    def try_open(self, sealed: bytes, about: str) -> bytes | None:
        """As `open`; None where this key does not open it."""
        try:
            return self.open(sealed, about)
        except (InvalidTag, ValueError):
            return None
