"""Whether what was said keeps to the lists, and whether anything leads from one domain to another."""

import re
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from aanwezig.contracts.allowed import ALLOWED, not_allowed
from aanwezig.contracts.topics import DECISIONS, TOPICS, Domain

Said = Mapping[str, Iterable[tuple[str | None, dict[str, Any]]]]
"""By topic: key and structured event of each record."""
APART = (Domain.CHAIN, Domain.HEALTH, Domain.JUSTICE)
_DOMAIN = {topic.name: topic.domain for topic in TOPICS}
_MARK = re.compile(r"[0-9a-f]{12,}")


def beyond_the_list(said: Said) -> list[tuple[str, str]]:
    """Topic and path of everything that was said and is on no list, each once."""
    return sorted(
        {
            (topic, path)
            for topic in said.keys() & ALLOWED.keys()
            for _, event in said[topic]
            for path in not_allowed(topic, event)
        }
    )


def marks_of(said: Said) -> dict[Domain, set[str]]:
    """By domain every mark that anything can be found by: pseudonyms, ids, hashes, causes, traces, keys of records.

    Commands of Halt and the answers to them name on the chain's topic a case by its id in justice: the one way back, heard
    by the chain's case-router alone. That id is left out here, in that place and no other.
    """
    marks: dict[Domain, set[str]] = {domain: set() for domain in APART}
    for topic, records in said.items():
        domain = _DOMAIN.get(topic)
        if topic in ALLOWED and domain in marks:
            for key, event in records:
                marks[domain] |= _marks_in([key, event])
    from_justice = {
        event["data"]["case"] for _, event in said.get(DECISIONS.name, ()) if _is_of_justice(event)
    }
    elsewhere = {topic: records for topic, records in said.items() if topic != DECISIONS.name}
    in_the_chain = set()
    for topic, records in elsewhere.items():
        if _DOMAIN.get(topic) is Domain.CHAIN and topic in ALLOWED:
            for key, event in records:
                in_the_chain |= _marks_in([key, event])
    marks[Domain.CHAIN] -= from_justice - in_the_chain
    return marks


def bridges(said: Said) -> dict[tuple[str, str], set[str]]:
    """By pair of domains the marks that stand in both; empty where none do."""
    marks = marks_of(said)
    shared = {(one.value, other.value): marks[one] & marks[other] for one, other in combinations(APART, 2)}
    return {pair: found for pair, found in shared.items() if found}


def _is_of_justice(event: dict[str, Any]) -> bool:
    data = event["data"]
    return data.get("step", "").startswith("halt-") or data.get("step") == "verdict" or "command" in data


def _marks_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(_MARK.findall(value))
    if isinstance(value, Mapping):
        return {
            mark for name, one in value.items() if name not in {"source", "type"} for mark in _marks_in(one)
        }
    return {mark for one in value for mark in _marks_in(one)} if isinstance(value, list) else set()
