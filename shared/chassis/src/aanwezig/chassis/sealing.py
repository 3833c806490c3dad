"""Sealing (AES-256-GCM): what is kept or said so that only the holder of one key can read it.

At rest by `Seal`, bound to the document it stands in; as text by `seal` and `unseal`, for a secret on a topic.
"""

import base64
import binascii
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TEXT_FORM: Final = "s1."
_PURPOSE: Final = "aanwezig sealed secret 1"


class SealedAway(Exception):
    """What was kept was sealed under a key this service no longer has: nobody can read it here any more."""


class Unsealable(ValueError):
    """Not sealed in this form, damaged, or sealed under another key."""


class Seal:
    """Seals and opens under one key of 32 bytes. The first byte of what it gives names the form, for a later key.

    Raises:
        ValueError: the key has another length.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: str) -> bytes:
        """The bytes sealed for the document with this id, never twice the same; a copy under another id does not open."""
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


def seal(key: bytes, secret: str) -> str:
    """The secret as `s1.` and base64url of nonce and ciphertext; never twice the same. `key` is 32 bytes.

    Raises:
        ValueError: the key has another length.
    """
    sealed = Seal(key).seal(secret.encode(), _PURPOSE).removeprefix(_FORM)
    return _TEXT_FORM + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(key: bytes, sealed: str) -> str:
    """The secret in what `seal` gave.

    Raises:
        Unsealable: this key does not open it.
        ValueError: the key is not 32 bytes.
    """
    opener = Seal(key)
    if not sealed.startswith(_TEXT_FORM):
        raise Unsealable("not sealed in this form")
    text = sealed[len(_TEXT_FORM) :]
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return opener.open(_FORM + raw, _PURPOSE).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise Unsealable("this key does not open it") from None
