"""What parties outside can subscribe to, and say, as AsyncAPI 3: one document for each domain, as there is one credential.

Computed from the registry of topics, the models and the list of what may be said where. Operations are seen from the
platform, as AsyncAPI 3 wants it: `send` is what a party hears, `receive` what it says. Sentences are `published_meanings`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from aanwezig.contracts.allowed import ALLOWED
from aanwezig.contracts.envelope import CONTENT_TYPE, type_of
from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.narrowing import (
    Json,
    everything,
    inlined,
    narrowed_schema,
    narrowed_value,
    only,
    opened,
)
from aanwezig.contracts.published_meanings import DOMAINS, MEANINGS, PUSHING
from aanwezig.contracts.published_pushes import (
    HEADERS,
    WORDS,
    known_examples,
    known_schemas,
    notice_example,
    pushes,
)
from aanwezig.contracts.said import MESSAGES
from aanwezig.contracts.topics import NOTICE_EVENTS, REGISTRY, SUBMISSIONS, Domain, Topic

ASYNCAPI: Final = "3.0.0"
VERSION: Final = "1.0.0"
OUTSIDE: Final[dict[str, Domain]] = {
    "school systems": Domain.SCHOOL,
    "schools": Domain.SCHOOL,
    "officers": Domain.CHAIN,
    "partners": Domain.CHAIN,
    "recipients": Domain.CHAIN,
    "youth health care": Domain.HEALTH,
    "Halt": Domain.JUSTICE,
    "officer of justice": Domain.JUSTICE,
}
"""Who in the registry is a party outside, and the domain whose document is its own. Everyone else is ours."""
OURS_THERE: Final = frozenset({"decision-refused"})
"""Events that we say on a topic on which parties outside speak too."""
_STEPS_ALONE: Final = frozenset({"step-recorded"})
RECORDS: Final = {Domain.JUSTICE: _STEPS_ALONE}
"""Of the commands, those that a domain's parties have a right to (rights by role: the case-router); others: all."""
_BINDING: Final = "0.5.0"


@dataclass(slots=True)
class _Components:
    """What the channels of one document refer to; equal things have one name."""

    schemas: Json = field(default_factory=dict)
    messages: Json = field(default_factory=dict)

    def schema(self, name: str, value: Json, topic: str) -> Json:
        return {"$ref": f"#/components/schemas/{_kept(self.schemas, name, value, topic)}"}

    def message(self, name: str, value: Json, topic: str) -> Json:
        return {"$ref": f"#/components/messages/{_kept(self.messages, name, value, topic)}"}


def _kept(room: Json, name: str, value: Json, topic: str) -> str:
    """The name under which a value is kept: its own, or with the topic's where another value has that already."""
    free = name if room.get(name, value) == value else f"{name}-{topic}"
    room[free] = value
    return free


def documents() -> dict[str, Json]:
    """Every document by the name of its domain."""
    return {domain.value: _document(domain) for domain in dict.fromkeys(OUTSIDE.values())}


def heard_in(domain: Domain) -> Iterator[tuple[Topic, tuple[str, ...], tuple[str, ...]]]:
    """Each topic that a party of this domain hears, with the events it hears there and those parties."""
    for topic in REGISTRY:
        parties = _of(domain, topic.listeners)
        if parties:
            may = ALLOWED[topic.name].events if topic.name in ALLOWED else frozenset(topic.events)
            yield topic, tuple(event for event in topic.events if event in may), parties


def told_in(domain: Domain) -> Iterator[tuple[Topic, tuple[str, ...], tuple[str, ...]]]:
    """Each topic on which a party of this domain speaks, with the events it says there and those parties."""
    for topic in REGISTRY:
        parties = _of(domain, topic.speakers)
        if parties:
            theirs = [event for event in topic.events if event not in OURS_THERE]
            rights = RECORDS.get(domain, frozenset(theirs))
            yield topic, tuple(event for event in theirs if event in rights), parties


def _of(domain: Domain, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if OUTSIDE.get(name) is domain)


def _document(domain: Domain) -> Json:
    components = _Components()
    channels: Json = {}
    operations: Json = {}
    for action, topics in (("receive", told_in(domain)), ("send", heard_in(domain))):
        for topic, events, parties in topics:
            key = topic.name.replace("<system>", "system")
            channel = channels.setdefault(key, _channel(topic, domain))
            messages = {
                event: components.message(event, _message(components, topic, event, action), topic.name)
                for event in events
            }
            channel["messages"] |= messages
            operations[f"{action}-{key}"] = _operation(action, key, tuple(messages), topic, parties)
    channels["webhook"] = _webhook(components, domain)
    operations["send-webhook"] = _pushing(tuple(channels["webhook"]["messages"]))
    words = DOMAINS[domain]
    return {
        "asyncapi": ASYNCAPI,
        "id": f"urn:nl.attendance.{domain.value}.v1",
        "info": {
            "title": f"Aanwezig: {words.title}",
            "version": VERSION,
            "description": words.about,
            "license": {"name": "EUPL-1.2"},
            "tags": [{"name": domain.value, "description": words.title}],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(domain),
        "channels": channels,
        "operations": operations,
        "components": {
            "schemas": components.schemas,
            "messages": components.messages,
            "securitySchemes": {
                "credential": {
                    "type": "scramSha512",
                    "description": "The user and password that the operator gave you for this domain; over TLS.",
                }
            },
        },
    }


def _servers(domain: Domain) -> Json:
    return {
        "kafka": {
            "host": "{broker}",
            "protocol": "kafka-secure",
            "description": "Kafka, by TLS. The operator tells where it is, and gives a credential for this domain alone.",
            "variables": {
                "broker": {"description": "Host and port of a broker.", "examples": ["kafka.example:9093"]}
            },
            "security": [{"$ref": "#/components/securitySchemes/credential"}],
            "tags": [{"name": domain.value}],
        },
        "subscriber": {
            "host": "{receiver}",
            "protocol": "https",
            "description": "A receiver of your own, at the address you subscribed with. It has to be public.",
            "variables": {
                "receiver": {"description": "Your host.", "examples": ["partner.example"]},
            },
            "tags": [{"name": domain.value}],
        },
    }


def _channel(topic: Topic, domain: Domain) -> Json:
    settings: Json = {"cleanup.policy": [topic.settings["cleanup.policy"]]}
    if "retention.ms" in topic.settings:
        settings["retention.ms"] = int(topic.settings["retention.ms"])
    said: Json = {
        "address": topic.name.replace("<system>", "{system}"),
        "title": topic.name,
        "description": f"{topic.about} The key of a record: {topic.key}.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {},
        "tags": [{"name": domain.value}],
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": settings,
                "bindingVersion": _BINDING,
            }
        },
    }
    if topic is SUBMISSIONS:
        said["parameters"] = {"system": {"description": "Your system, as it is registered."}}
    return said


def _operation(
    action: str, key: str, messages: tuple[str, ...], topic: Topic, parties: tuple[str, ...]
) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{key}"},
        "title": f"{'Heard' if action == 'send' else 'Said'} by: {', '.join(parties)}",
        "summary": MEANINGS[topic.name],
        "messages": [{"$ref": f"#/channels/{key}/messages/{name}"} for name in messages],
    }


def _message(components: _Components, topic: Topic, event: str, action: str) -> Json:
    allowed = ALLOWED.get(topic.name)
    may = only(allowed.within) if allowed else everything
    around = allowed.around | {"data"} if allowed else None
    said: Json = {
        "name": type_of(event),
        "title": event,
        "summary": MEANINGS.get(event) or _schema(topic, event)["description"],
        "contentType": CONTENT_TYPE,
        "headers": components.schema("record-headers", _RECORD_HEADERS, topic.name),
    }
    payload = inlined(_schema(topic, event), _schema(topic, event).get("$defs", {}))
    for word in ("$schema", "$id", "title", "description"):
        payload.pop(word)
    data = narrowed_schema(payload["properties"].pop("data"), may)
    payload["properties"] = {
        name: one for name, one in payload["properties"].items() if around is None or name in around
    }
    if action == "send":
        data = opened(data)
    if event in NOTICE_EVENTS:
        data["properties"]["subject"] = {**data["properties"]["subject"], "enum": list(WORDS[topic.domain])}
    name = event if event in FACT_TYPES else MESSAGES[event].__name__
    payload["properties"]["data"] = components.schema(name, data, topic.name)
    said["payload"] = payload
    if action == "receive":
        said["correlationId"] = {
            "description": "Your id of it: the same again is the same.",
            "location": "$message.payload#/id",
        }
    elif "causationid" in payload["properties"]:
        said["correlationId"] = {
            "description": "The event that caused this one.",
            "location": "$message.payload#/causationid",
        }
    key = {"type": "string", "minLength": 1, "description": f"The key: {topic.key}."}
    said["bindings"] = {"kafka": {"key": key, "bindingVersion": _BINDING}}
    said["examples"] = [
        {"name": path.rpartition("/")[2], "payload": {
            name: narrowed_value(value, may) if name == "data" else value
            for name, value in example.items() if name in payload["properties"]
        }}
        for path, example in _examples_of(topic, event)
    ]  # fmt: skip
    return said


_RECORD_HEADERS: Final[Json] = {
    "type": "object",
    "properties": {"content-type": {"type": "string", "const": CONTENT_TYPE}},
}


def _schema_of(topic: Topic, event: str) -> str:
    return f"submitted/{event}" if topic is SUBMISSIONS else event


def _schema(topic: Topic, event: str) -> Json:
    return known_schemas()[_schema_of(topic, event)]


def _examples_of(topic: Topic, event: str) -> Iterator[tuple[str, Json]]:
    room = "submitted/" if topic is SUBMISSIONS else ""
    for path, example in known_examples().items():
        if path.startswith(f"{room}{event}") and example.get("type") == type_of(event):
            said = notice_example(topic.domain, example) if event in NOTICE_EVENTS else example
            yield path, said


def _webhook(components: _Components, domain: Domain) -> Json:
    return {
        "address": None,
        "title": "Your webhook",
        "description": PUSHING,
        "servers": [{"$ref": "#/servers/subscriber"}],
        "messages": {
            name: components.message(
                name,
                {
                    **message,
                    "contentType": CONTENT_TYPE,
                    "headers": components.schema("webhook-headers", HEADERS, "webhook"),
                },
                "webhook",
            )
            for name, message in pushes(domain).items()
        },
        "tags": [{"name": domain.value}],
    }


def _pushing(messages: tuple[str, ...]) -> Json:
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/webhook"},
        "title": "What your receiver gets",
        "summary": MEANINGS["webhook"],
        "messages": [{"$ref": f"#/channels/webhook/messages/{name}"} for name in messages],
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
    }
