"""What others may rely on, as one value: the topics, every shape on them, the words, and the calls of every door.

The published one is committed (`published/v1.json`) and changes on purpose alone, by `aanwezig contract publish`.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import orjson

from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.narrowing import Json
from aanwezig.contracts.published_asyncapi import OUTSIDE, documents
from aanwezig.contracts.published_pushes import WORDS
from aanwezig.contracts.published_schemas import schemas
from aanwezig.contracts.said import MESSAGES
from aanwezig.contracts.topics import REGISTRY, Topic

VERSION: Final = 1
PUBLISHED: Final = f"published/v{VERSION}.json"
"""Where the published contract stands, below this package."""
OPERATORS: Final = frozenset({"operators", "cli"})
"""Names in the registry that are neither parties outside nor services."""
_ABOUT: Final = frozenset({
    "description", "summary", "title", "example", "examples", "tags", "externalDocs", "$schema", "$id", "info", "default",
    "license", "x-problems", "jsonSchemaDialect", "id", "contact",
})  # fmt: skip
"""Words about a thing: they may improve without anybody noticing."""
_NAMES: Final = frozenset({
    "properties", "$defs", "schemas", "messages", "channels", "operations", "paths", "responses", "headers", "content",
    "parameters", "servers", "securitySchemes", "variables", "patternProperties", "callbacks", "requestBodies",
})  # fmt: skip
"""Where what stands inside are names of ours, whatever they are called."""


class NotAPublishedContract(ValueError):
    """A file that does not hold a published contract of this version."""


def promised(doors: Mapping[str, Json]) -> Json:
    """The contract as the code has it now; `doors` are the OpenAPI documents by the name of their service."""
    known = schemas()
    ours = sorted({*FACT_TYPES, *MESSAGES})
    return {
        "contract": "aanwezig",
        "version": VERSION,
        "topics": {topic.name: _topic(topic) for topic in REGISTRY},
        "words": {domain.value: sorted(words) for domain, words in WORDS.items()},
        "channels": {name: _bare(document) for name, document in documents().items()},
        "events": {event: _bare(known[event]) for event in ours},
        "doors": {name: _bare(dict(doors[name])) for name in sorted(doors)},
    }


def as_bytes(contract: Json) -> bytes:
    """As it is committed: equal contracts are equal bytes."""
    return orjson.dumps(
        contract, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


def published() -> Json | None:
    """The published contract of this installation; None where there is none."""
    file = files("aanwezig.contracts").joinpath(PUBLISHED)
    return contract_from(file.read_bytes()) if file.is_file() else None


def contract_from(raw: bytes) -> Json:
    """A published contract as it was written.

    Raises:
        NotAPublishedContract: it is not JSON, or not one of ours of this version.
    """
    try:
        said = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise NotAPublishedContract("it is not JSON") from None
    if not isinstance(said, dict) or said.get("contract") != "aanwezig":
        raise NotAPublishedContract("it is no published contract of Aanwezig")
    if said.get("version") != VERSION:
        raise NotAPublishedContract(f"it is of version {said.get('version')}, not {VERSION}")
    missing = {"topics", "words", "channels", "events", "doors"} - set(said)
    if missing:
        raise NotAPublishedContract(f"it lacks {', '.join(sorted(missing))}")
    return said


def _topic(topic: Topic) -> Json:
    names = {*topic.speakers, *topic.listeners}
    return {
        "domain": topic.domain.value,
        "key": topic.key,
        "partitions": topic.partitions,
        "settings": topic.settings,
        "events": sorted(topic.events),
        "heard_by": sorted(name for name in topic.listeners if name in OUTSIDE),
        "said_by": sorted(name for name in topic.speakers if name in OUTSIDE),
        "ours": sorted(names - set(OUTSIDE) - OPERATORS),
        "read_by_us": any(name not in OUTSIDE and name not in OPERATORS for name in topic.listeners),
    }


def _bare(value: Any, *, named: bool = False) -> Any:
    """Without the words about things. Inside `named` the keys are names, and stay."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _bare(inner, named=key in _NAMES and not named)
        for key, inner in value.items()
        if named or key not in _ABOUT
    }
