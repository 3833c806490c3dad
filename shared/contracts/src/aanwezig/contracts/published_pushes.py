"""What is pushed to a subscriber's webhook, as published: the words of each domain, and the two forms of a notice there.

What is about a child is not pushed: the notice points to its data (`dataref`), which the receiver claims with its key.
"""

from functools import cache
from typing import Any, Final, get_args

from aanwezig.contracts.envelope import type_of
from aanwezig.contracts.messages import Urgency, Word
from aanwezig.contracts.narrowing import Json, inlined, narrowed_schema, narrowed_value, only, opened
from aanwezig.contracts.published_examples import examples
from aanwezig.contracts.published_meanings import NOTICE_POINTED_AT, NOTICE_WHOLE, TRIED_OUT
from aanwezig.contracts.published_schemas import schemas
from aanwezig.contracts.topics import Domain

_ENDINGS: Final[tuple[Word, ...]] = (
    "returned", "presence-restored", "good-news-withdrawn", "case-closed", "withdrawn",
)  # fmt: skip
WORDS: Final[dict[Domain, tuple[Word, ...]]] = {
    Domain.SCHOOL: (
        "report-due", "pupil-needs-you", "late-report", "feed-silent", "returned", "presence-restored",
        "good-news-withdrawn", "withdrawn", "distance-changed", "presence-measured",
    ),
    Domain.CHAIN: (
        "new-home-sitter", "needs-attention", "meldcode", "stagnated", "decision-asked", "no-longer-asked", "on-your-track",
        "no-longer-yours", "help-refused", "moved-to-you", "moved-away", "handed-to-you", "look-again", "contradicted", *_ENDINGS,
        "agenda-ready", "digest-ready",
    ),
    Domain.HEALTH: ("on-your-track", "stagnated", "contradicted", "case-closed", "withdrawn"),
    Domain.JUSTICE: ("referred-to-you", "report-decided", "report-sent", "case-closed", "withdrawn"),
}  # fmt: skip
"""What a notice of each domain can say: the words that a subscription there can ask for."""
ABOUT_NOBODY: Final[frozenset[Word]] = frozenset({"agenda-ready", "digest-ready", "presence-measured"})
"""Words of notices about no child: these are pushed with their data."""
PUSHED: Final = frozenset({
    "notice", "recipient.role", "recipient.organisation", "about", "channel", "cause", "happened", "subject", "urgency",
    "takes_back", "municipality", "on", "month", "presence",
})  # fmt: skip
"""The fields that data in a push can have."""
_TOLD: Final = {
    Domain.SCHOOL: ("finding-raised", "school", "25PL00"),
    Domain.CHAIN: ("case-escalated", "home-sitter-table", "thuiszitterstafel-0637"),
    Domain.HEALTH: ("case-track-decided", "youth-health-care", "jgz-0637"),
    Domain.JUSTICE: ("case-track-decided", "halt", "halt-west"),
}
"""For the examples: a cause in each domain, and who hears of it."""
TESTED: Final = "subscription-tested"
"""The event of a test message."""
_AROUND: Final = (
    "specversion", "id", "source", "type", "time", "datacontenttype", "causationid", "traceparent",
)  # fmt: skip

HEADERS: Final[Json] = {
    "type": "object",
    "properties": {
        "webhook-id": {
            "type": "string",
            "minLength": 1,
            "description": "The notice. The same in every attempt: whoever knows it has the notice already.",
        },
        "webhook-timestamp": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "When this attempt was made, in seconds since 1970. Refuse what is older than five minutes.",
        },
        "webhook-signature": {
            "type": "string",
            "pattern": "^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)*$",
            "description": "HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>` under your secret, in base64 behind"
            " `v1,`; two of them while a secret is being replaced (Standard Webhooks).",
        },
    },
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
}


@cache
def known_schemas() -> dict[str, Json]:
    """All schemas, computed once: to be read, not changed."""
    return schemas()


@cache
def known_examples() -> dict[str, Any]:
    """All examples, computed once: to be read, not changed."""
    return examples()


def pushes(domain: Domain) -> dict[str, Json]:
    """The messages of the webhook channel of a domain by name, without content type and headers."""
    whole = [word for word in WORDS[domain] if word in ABOUT_NOBODY]
    thin = [word for word in WORDS[domain] if word not in ABOUT_NOBODY]
    example = _thin_example(domain, thin[0])
    found = {"notice": _message("notice", "notice-sent", NOTICE_POINTED_AT, _pointed_at(thin), example)}
    if whole:
        found["notice-with-data"] = _message(
            "notice-with-data",
            "notice-sent",
            NOTICE_WHOLE,
            _with_data(whole),
            _whole_example(domain, whole[0]),
        )
    return found | {TESTED: _message(TESTED, TESTED, TRIED_OUT, _tested(), _test_example())}


def _message(title: str, event: str, summary: str, payload: Json, example: Json) -> Json:
    return {
        "name": type_of(event),
        "title": title,
        "summary": summary,
        "payload": payload,
        "correlationId": {
            "description": "The same in every attempt: whoever knows it has it already.",
            "location": "$message.header#/webhook-id",
        },
        "examples": [{"name": title, "payload": example}],
    }


def _pointed_at(words: list[Word]) -> Json:
    schema = _envelope(words)
    del schema["properties"]["datacontenttype"]
    schema["properties"]["dataref"] = {
        "type": "string",
        "format": "uri",
        "description": "Where the data of this notice are: ask for them with your key.",
    }
    schema["required"].append("dataref")
    schema["not"] = {"required": ["data"]}
    return schema


def _with_data(words: list[Word]) -> Json:
    schema = _envelope(words)
    said = known_schemas()["notice-sent"]
    data = inlined(said["properties"]["data"], said.get("$defs", {}))
    data = opened(narrowed_schema(data, only(PUSHED)))
    data["properties"]["subject"]["enum"] = words
    schema["properties"]["data"] = data
    schema["required"].append("data")
    return schema


def _tested() -> Json:
    known = known_schemas()["notice-sent"]["properties"]
    properties: Json = {name: dict(known[name]) for name in _AROUND if name != "causationid"}
    properties["type"] = {"const": type_of(TESTED)}
    properties["data"] = {
        "type": "object",
        "properties": {
            "subscription": {"type": "string", "description": "The subscription that is tried out."}
        },
        "required": ["subscription"],
    }
    required = ["specversion", "id", "source", "type", "time", "data"]
    return {"type": "object", "properties": properties, "required": required}


def _test_example() -> Json:
    said = known_examples()["notice-sent"]
    around = {name: said[name] for name in _AROUND if name in said and name != "causationid"}
    return {**around, "type": type_of(TESTED), "data": {"subscription": "stafel-west"}}


def _envelope(words: list[Word]) -> Json:
    known = known_schemas()["notice-sent"]["properties"]
    properties: Json = {name: dict(known[name]) for name in _AROUND}
    properties["happened"] = {
        "type": "string",
        "pattern": r"^nl\.attendance\.[a-z-]+\.v[0-9]+$",
        "description": "The type of the event that caused this notice.",
    }
    properties["word"] = {
        "type": "string",
        "enum": words,
        "description": "What the notice says, in one word.",
    }
    properties["urgency"] = {"type": "string", "enum": list(get_args(Urgency))}
    properties["municipality"] = {
        "type": "string",
        "description": "The municipality it is about (CBS code), where it is about one.",
    }
    return {
        "type": "object",
        "properties": properties,
        "required": ["specversion", "id", "source", "type", "time", "happened", "word", "urgency"],
    }


def notice_example(domain: Domain, said: Json, word: Word | None = None) -> Json:
    """The example of a notice as one of this domain: with a cause, a recipient and a word that it has there."""
    cause, role, organisation = _TOLD[domain]
    data = {
        **said["data"],
        "happened": type_of(cause),
        "recipient": {"role": role, "organisation": organisation},
        "subject": word or WORDS[domain][0],
    }
    return {**said, "data": data}


def _thin_example(domain: Domain, word: Word) -> Json:
    said = notice_example(domain, known_examples()["notice-sent"], word)
    notice = said["data"]["notice"]
    return {
        **{name: said[name] for name in _AROUND if name in said and name != "datacontenttype"},
        "dataref": f"https://aanwezig.example/v1/notices/{notice}",
        **_told_around(said["data"]),
    }


def _whole_example(domain: Domain, word: Word) -> Json:
    said = notice_example(domain, known_examples()["notice-sent"], word)
    data = {**narrowed_value(said["data"], only(PUSHED)), "channel": "webhook"}
    return {
        **{name: said[name] for name in _AROUND if name in said},
        **_told_around(data),
        "data": data,
    }


def _told_around(data: Json) -> Json:
    """What stands in the envelope of a push, so that a receiver can sort without opening anything."""
    said = {"happened": data["happened"], "word": data["subject"], "urgency": data["urgency"]}
    return {**said, "municipality": data["municipality"]} if "municipality" in data else said
