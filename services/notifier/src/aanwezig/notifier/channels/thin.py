"""What is pushed of a notice: the envelope, what kind of thing happened, and where the rest can be claimed.

A proxy on the way may log what is pushed, so nothing that is about a child is (`domain.md` 5, P-10 and P-18): the event has a
`dataref`, under which its receiver claims the data with its own key. Extension attributes beside those of the profile:
`happened` (the type of the cause), `word`, `urgency`, and `municipality` (CBS code) where there is one.
"""

from typing import Any, Final

import orjson

from aanwezig.notifier.channels.doors import Parcel
from aanwezig.notifier.table import IMPERSONAL_WORDS

NOTICES_PATH: Final = "/v1/notices/"


def claim_at(public_url: str, notice: str) -> str:
    """Where a notice can be claimed."""
    return f"{public_url.rstrip('/')}{NOTICES_PATH}{notice}"


def pushed(parcel: Parcel, public_url: str) -> dict[str, Any]:
    """The CloudEvent that is pushed, as a JSON object: with its data only where they are about no child."""
    whole = parcel.event.as_json()
    data = whole.pop("data")
    kind = whole.pop("datacontenttype")
    known = {"happened": data["happened"], "word": data["subject"], "urgency": data["urgency"]}
    if "municipality" in data:
        known["municipality"] = data["municipality"]
    if data["subject"] in IMPERSONAL_WORDS:
        return whole | known | {"datacontenttype": kind, "data": data}
    return whole | known | {"dataref": claim_at(public_url, parcel.notice)}


def pushed_bytes(parcel: Parcel, public_url: str) -> bytes:
    """The same as UTF-8 JSON, keys in one order: every attempt is the same bytes."""
    return orjson.dumps(pushed(parcel, public_url), option=orjson.OPT_SORT_KEYS)
