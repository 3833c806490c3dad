"""What became of a published contract: topics, channels, events, words and doors, each difference with its verdict."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aanwezig.contracts.call_changes import door_differences
from aanwezig.contracts.narrowing import Json
from aanwezig.contracts.shape_changes import ShapeComparison
from aanwezig.contracts.verdicts import VERDICTS, Difference, Side, Verdict

_OURSELVES: Final = "the next version: records of before are still on the topic"
_ORDER: Final = (Verdict.BREAKS, Verdict.WARNS, Verdict.ADDS)
_MOST_NAMED: Final = 3


def differences(old: Json, new: Json) -> list[Difference]:
    """Everything that differs, breaks first; what is the same for many events is one line."""
    found = [
        *_topics(old["topics"], new["topics"]),
        *_words(old["words"], new["words"]),
        *_together(_channels(old, new)),
        *_together(_events(old, new)),
    ]
    for name in sorted({*old["doors"], *new["doors"]}):
        found += door_differences(name, old["doors"].get(name), new["doors"].get(name))
    return sorted(dict.fromkeys(found), key=lambda one: (_ORDER.index(one.verdict), one.where, one.what))


def _topics(old: Json, new: Json) -> Iterator[Difference]:
    for name in sorted({*old, *new}):
        if name not in new:
            yield Difference(Verdict.BREAKS, name, "the topic is gone", _whom(old[name]))
        elif name not in old:
            yield Difference(Verdict.ADDS, name, "the topic is new", _whom(new[name]))
        else:
            yield from _topic(name, old[name], new[name])


def _topic(name: str, old: Json, new: Json) -> Iterator[Difference]:
    whom = _whom(old)
    for field, words in (
        ("key", "the key"),
        ("partitions", "the number of partitions"),
        ("domain", "the domain"),
    ):
        if old[field] != new[field]:
            said = f"{words} was {old[field]!r} and is {new[field]!r}"
            yield Difference(Verdict.BREAKS, name, said, whom)
    yield from _kept(name, old["settings"], new["settings"], whom)
    for field, words in (("heard_by", "listen to it"), ("said_by", "speak on it")):
        before, after = set(old[field]), set(new[field])
        for party in sorted(before - after):
            yield Difference(Verdict.BREAKS, name, f"{party} may not {words} any more", party)
        for party in sorted(after - before):
            yield Difference(Verdict.ADDS, name, f"{party} may {words}", party)
    before, after = set(old["events"]), set(new["events"])
    for event in sorted(before - after):
        yield Difference(Verdict.BREAKS, name, f"the event {event} is gone", whom)
    for event in sorted(after - before):
        yield Difference(Verdict.ADDS, name, f"the event {event} is new", whom)


def _kept(name: str, old: Json, new: Json, whom: str) -> Iterator[Difference]:
    for setting in sorted({*old, *new}):
        before, after = old.get(setting), new.get(setting)
        if before == after:
            continue
        longer = setting == "retention.ms" and before and after and int(after) > int(before)
        verdict = Verdict.ADDS if longer else Verdict.BREAKS
        yield Difference(verdict, name, f"{setting} was {before} and is {after}", whom)


def _whom(topic: Json) -> str:
    return ", ".join(dict.fromkeys([*topic["heard_by"], *topic["said_by"]])) or _OURSELVES


def _words(old: Json, new: Json) -> Iterator[Difference]:
    for domain in sorted({*old, *new}):
        before, after = set(old.get(domain, ())), set(new.get(domain, ()))
        for word in sorted(before - after):
            said = f"the word {word} is gone"
            yield Difference(Verdict.BREAKS, f"notices of {domain}", said, "whoever subscribed to it")
        for word in sorted(after - before):
            yield Difference(Verdict.ADDS, f"notices of {domain}", f"the word {word} is new", "subscribers")


def _events(old: Json, new: Json) -> Iterator[tuple[str, Difference]]:
    """What we read ourselves: a topic of ours, or a command. Every event by the topics on which one of us reads it."""
    for name, topic in sorted(old["topics"].items()):
        if not topic["read_by_us"] or name not in new["topics"]:
            continue
        submitted = bool(topic["said_by"]) and not topic["heard_by"] and name.endswith("<system>")
        if submitted:
            continue  # the channels have them, as a sender writes them
        for event in topic["events"]:
            if event in old["events"] and event in new["events"]:
                before, after = old["events"][event], new["events"][event]
                yield from _shapes(event, name, Side.TAKEN, (before, before), (after, after), _OURSELVES)


def _channels(old: Json, new: Json) -> Iterator[tuple[str, Difference]]:
    for domain in sorted({*old["channels"], *new["channels"]}):
        where = f"AsyncAPI of {domain}"
        if domain not in new["channels"]:
            yield "", Difference(Verdict.BREAKS, where, "the document is gone", f"parties of {domain}")
        elif domain not in old["channels"]:
            yield "", Difference(Verdict.ADDS, where, "the document is new", f"parties of {domain}")
        else:
            yield from _document(domain, old, new)


def _document(domain: str, old: Json, new: Json) -> Iterator[tuple[str, Difference]]:
    before, after = old["channels"][domain], new["channels"][domain]
    whom = f"parties of {domain}"
    for part, words in (("servers", "how to reach the server"), ("securitySchemes", "how to log in at")):
        were = before["components"].get(part, {}) | before.get(part, {})
        are = after["components"].get(part, {}) | after.get(part, {})
        for name, one in sorted(were.items()):
            if are.get(name) != one:
                said = f"{words} {name} has changed"
                yield "", Difference(Verdict.BREAKS, f"AsyncAPI of {domain}", said, whom)
    for key, operation in sorted(before["operations"].items()):
        channel = _at(before, operation["channel"])
        where = channel["address"] or f"webhook of {domain}"
        if key not in after["operations"]:
            if where in new["topics"] or channel["address"] is None:
                said = f"nothing is {'said' if operation['action'] == 'send' else 'taken'} there any more"
                yield "", Difference(Verdict.BREAKS, where, said, whom)
            continue
        if channel["address"] is None and operation.get("bindings") != after["operations"][key].get(
            "bindings"
        ):
            yield "", Difference(Verdict.BREAKS, where, "it is sent by another method", whom)
        yield from _operation(where, key, before, after, new["topics"], whom)


def _operation(
    where: str, key: str, before: Json, after: Json, topics: Json, whom: str
) -> Iterator[tuple[str, Difference]]:
    side = Side.SAID if before["operations"][key]["action"] == "send" else Side.TAKEN
    were, are = _messages(before, key), _messages(after, key)
    for name, message in sorted(were.items()):
        if name not in are:
            if where not in topics or name in topics[where]["events"]:
                yield "", Difference(Verdict.BREAKS, where, f"{name} is not told there any more", whom)
            continue
        for part in ("payload", "headers"):
            shapes = (message[part], before), (are[name][part], after)
            yield from _shapes(name, where, side, *shapes, whom)
        if message.get("bindings") != are[name].get("bindings"):
            yield name, Difference(Verdict.BREAKS, where, "the form of the key has changed", whom)
    for name in sorted(set(are) - set(were)):
        yield "", Difference(Verdict.ADDS, where, f"{name} is told there", whom)


def _messages(document: Json, operation: str) -> dict[str, Json]:
    references = [one["$ref"] for one in document["operations"][operation]["messages"]]
    return {one.rpartition("/")[2]: _at(document, _at(document, {"$ref": one})) for one in references}


def _at(document: Json, reference: Json) -> Json:
    """What a reference leads to; a thing that is no reference is itself."""
    if "$ref" not in reference:
        return reference
    found: Any = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    value: Json = found
    return value


def _shapes(
    name: str, where: str, side: Side, old: tuple[Json, Json], new: tuple[Json, Json], whom: str
) -> Iterator[tuple[str, Difference]]:
    """The differences of two shapes, each with the document it lies in."""
    for change in ShapeComparison(old[1], new[1]).changes(old[0], new[0]):
        verdict = VERDICTS[change.change][side]
        yield name, Difference(verdict, where, change.sentence(), whom)


def _together(found: Iterable[tuple[str, Difference]]) -> Iterator[Difference]:
    """What is the same for several events at one place, as one difference that names them."""
    events: defaultdict[Difference, list[str]] = defaultdict(list)
    for event, one in found:
        events[one].append(event)
    for one, names in events.items():
        known = list(dict.fromkeys(name for name in names if name))
        if not known:
            yield one
            continue
        more = len(known) - _MOST_NAMED
        said = ", ".join(known[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield Difference(one.verdict, one.where, f"{said}: {one.what}", one.whom)
