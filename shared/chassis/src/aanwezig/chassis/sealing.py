"""Sealing: a secret on a topic that only the holder of one key can read (AES-256-GCM)."""

import base64
import binascii
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM: Final = "s1."
_PURPOSE: Final = b"aanwezig sealed secret 1"
_NONCE_BYTES: Final = 12


class Unsealable(ValueError):
    """Not sealed in this form, damaged, or sealed under another key."""


def seal(key: bytes, secret: str) -> str:
    """The secret as `s1.` and base64url of nonce and ciphertext; never twice the same. `key` is 32 bytes.

    Raises:
        ValueError: the key has another length.
    """
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, secret.encode(), _PURPOSE)
    return _FORM + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(key: bytes, sealed: str) -> str:
    """The secret in what `seal` gave.

    Raises:
        Unsealable: this key does not open it.
        ValueError: the key is not 32 bytes.
    """
    opener = AESGCM(key)
    if not sealed.startswith(_FORM):
        raise Unsealable("not sealed in this form")
    text = sealed[len(_FORM) :]
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return opener.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise Unsealable("this key does not open it") from None
