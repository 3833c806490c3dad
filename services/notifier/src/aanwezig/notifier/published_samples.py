"""An example of each body and each answer of the subscriptions door, for its description (`published_api`)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aanwezig.contracts.envelope import Event, type_of
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id
from aanwezig.contracts.messages import Message
from aanwezig.notifier import answers
from aanwezig.notifier.channels.thin import claim_at
from aanwezig.notifier.filters import Filter, types_heard
from aanwezig.notifier.subscribing import note, shown
from aanwezig.notifier.subscriptions import Secret, Subscription

_AT: Final = datetime(2024, 10, 14, 6, tzinfo=UTC)
_ESCALATED: Final = type_of("case-escalated")
_ADDRESS: Final = "https://partner.example/aanwezig"
_NOTICE: Final = derived_id("example", "notice")
_FILTER: Final = Filter((_ESCALATED,), ("care-meeting",), ("0637",))
_OF: Final = Subscription(
    id=derived_id("example", "subscription"), recipient="swv", address=_ADDRESS, filter=_FILTER,
    secrets=(Secret("sealed"),), created=_AT, changed=_AT, per_minute=120,
)  # fmt: skip
_SHOWN: Final = shown(_OF, "nl")
_SECRET: Final = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
_SAID: Final = {"types": [_ESCALATED], "tracks": ["care-meeting"], "municipalities": ["0637"]}
_WORD: Final = "new-home-sitter"
_PERIOD: Final = {"since": "2024-10-01T00:00:00Z", "until": "2024-10-15T00:00:00Z"}
_WOULD: Final = {
    "time": "2024-10-14T06:00:00Z", "happened": _ESCALATED, "word": _WORD, "municipality": "0637", "track": "care-meeting",
}  # fmt: skip
_DELIVERIES: Final = {
    **_PERIOD,
    "notices": [{
        "id": _NOTICE, "time": "2024-10-14T06:00:00Z", "happened": _ESCALATED, "word": _WORD, "status": "sent",
        "subscription": _OF.id, "attempts": [{"at": "2024-10-14T06:00:01Z", "outcome": "delivered"}], "next": None,
        "claim": claim_at("https://notifier.example", _NOTICE),
    }],
    "more": False,
}  # fmt: skip

BODIES: Final[dict[type[Message], dict[str, Any]]] = {
    answers.SubscriptionWanted: {
        "address": _ADDRESS, "filter": _SAID, "digest": "daily", "quiet": {"from": "18:00", "until": "08:00"},
    },
    answers.SubscriptionChange: {"filter": {"types": [_ESCALATED]}, "digest": None},
    answers.PreviewWanted: {"filter": _SAID, **_PERIOD},
    answers.AgainWanted: {"notice": _NOTICE},
}  # fmt: skip
ANSWERS: Final[dict[str, Any]] = {
    "subscribe": {**_SHOWN, "secret": _SECRET},
    "subscriptions": {"subscriptions": [_SHOWN], "types": list(types_heard("chain", "school-partnership"))},
    "preview": {
        **_PERIOD, "count": 1, "per_type": {_ESCALATED: 1}, "notices": [_WOULD], "note": note("nl"),
    },
    "subscription": _SHOWN,
    "changeSubscription": _SHOWN,
    "rotateSecret": {"secret": _SECRET, "old_until": (_AT + timedelta(days=1)).isoformat()},
    "validate": _SHOWN,
    "test": {"test": derived_id("example", "test"), "delivered": False, "reason": "answered-503"},
    "pause": {**_SHOWN, "status": "paused"},
    "resume": _SHOWN,
    "deliveries": _DELIVERIES,
    "redeliver": {"notices": 1},
    "notices": _DELIVERIES,
    "notice": Event(
        id=derived_id("notice-sent", _NOTICE), source=f"{PLATFORM_SOURCE}-notifier", name="notice-sent", time=_AT,
        data={
            "notice": _NOTICE, "recipient": {"role": "school-partnership", "organisation": "SWV Voorbeeld"},
            "about": derived_id("example", "case"), "channel": "webhook", "cause": derived_id("example", "cause"),
            "happened": _ESCALATED, "subject": _WORD, "urgency": "same-day", "municipality": "0637", "school": "25PL00",
            "home_since": "2024-09-16",
        },
    ).as_json(),
}  # fmt: skip
