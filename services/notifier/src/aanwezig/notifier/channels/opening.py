"""Opening what is sealed for us. A recipient that hears in two domains has its secret sealed once for each."""

from collections.abc import Sequence
from contextlib import suppress

from aanwezig.chassis.sealing import unseal


def opened(seal_key: bytes, sealed: Sequence[str]) -> list[str]:
    """Those of the sealed secrets that this key opens, in their order.

    Raises:
        ValueError: it opens none of them.
    """
    found: list[str] = []
    for one in sealed:
        with suppress(ValueError):
            found.append(unseal(seal_key, one))
    if not found:
        raise ValueError("no secret is sealed with this key")
    return found
