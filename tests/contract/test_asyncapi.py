"""The AsyncAPI documents: valid by AsyncAPI's own tool, whole, and no wider than what may be said where."""

import json
import re
from datetime import UTC, datetime

import pytest
from jsonschema import Draft7Validator

from aanwezig.contracts.allowed import ALLOWED, not_allowed
from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.identifiers import PLATFORM_SOURCE
from aanwezig.contracts.narrowing import only
from aanwezig.contracts.promises import OPERATORS
from aanwezig.contracts.published_asyncapi import OUTSIDE, documents
from aanwezig.contracts.published_examples import examples
from aanwezig.contracts.published_meanings import MEANINGS, PUSHING
from aanwezig.contracts.published_pushes import ABOUT_NOBODY, WORDS, notice_example
from aanwezig.contracts.topics import PARKED, REGISTRY, SUBMISSIONS, Domain
from aanwezig.notifier.channels.doors import Parcel
from aanwezig.notifier.channels.thin import pushed
from aanwezig.notifier.channels.timetable import TIMETABLE
from aanwezig.notifier.table import IMPERSONAL_WORDS, TABLES
from aanwezig.notifier.validating import TESTED
from support.asyncapi import CHECK, validated

DOCUMENTS = documents()
FILES = {name: ROOT / f"docs/asyncapi/{name}.json" for name in DOCUMENTS}
each = pytest.mark.parametrize("name", DOCUMENTS)


def at(document, reference):
    """What a reference leads to, through others."""
    while reference:
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        reference = found.get("$ref")
    return found


def messages(document, operation):
    return {
        one["$ref"].rpartition("/")[2]: at(document, one["$ref"])
        for one in document["operations"][operation]["messages"]
    }


def spoken(document):
    """Each operation on a topic: its key, the topic, and the messages."""
    for key, operation in document["operations"].items():
        channel = at(document, operation["channel"]["$ref"])
        if channel["address"] is not None:
            yield key, channel["address"].replace("{system}", "<system>"), messages(document, key)


def resolved(document, schema):
    """A payload with its references in reach."""
    return {**schema, "components": document["components"]}


def paths(document, schema, path=""):
    """The paths of all fields a schema names, in whatever form."""
    schema = at(document, schema["$ref"]) if "$ref" in schema else schema
    for name, inner in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below
        yield from paths(document, inner, below)
    if "items" in schema:
        yield from paths(document, schema["items"], f"{path}[]")
    for word in ("anyOf", "oneOf", "allOf"):
        for form in schema.get(word, ()):
            yield from paths(document, form, path)


def test_asyncapis_own_parser_finds_no_error():
    code, said = validated(*FILES.values())
    assert (code, said) == (0, f"valid: {len(FILES)}\n")


def lost_channel(document):
    document["operations"]["send-webhook"]["channel"]["$ref"] = "#/channels/nowhere"


def message_of_another(document):
    document["operations"]["send-webhook"]["messages"][0]["$ref"] = "#/components/messages/case-opened"


def no_action(document):
    del document["operations"]["send-webhook"]["action"]


def no_such_type(document):
    document["components"]["schemas"]["CaseSaid"]["properties"]["case"]["type"] = "text"


def partitions_in_words(document):
    document["channels"]["chain.notices.v1"]["bindings"]["kafka"]["partitions"] = "one"


def no_asyncapi(document):
    del document["asyncapi"]


FAULTS = (lost_channel, message_of_another, no_action, no_such_type, partitions_in_words, no_asyncapi)


def test_asyncapis_own_parser_refuses_what_is_broken(tmp_path):
    written = {}
    for fault in FAULTS:
        document = json.loads(FILES["chain"].read_bytes())
        fault(document)
        written[fault.__name__] = tmp_path / f"{fault.__name__}.json"
        written[fault.__name__].write_text(json.dumps(document))
    written["text"] = tmp_path / "text.json"
    written["text"].write_text("no document {")
    code, said = validated(*written.values(), FILES["health"])
    assert code == 1
    for file in written.values():
        assert f"{file}: " in said, f"{file.name} was taken for good"
    assert f"{FILES['health']}: " not in said


def test_the_lock_names_no_registry_and_every_package_by_its_hash():
    packages = json.loads((CHECK / "package-lock.json").read_bytes())["packages"]
    del packages[""]
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_everyone_in_the_registry_is_a_party_outside_or_ours():
    names = {name for topic in REGISTRY for name in (*topic.speakers, *topic.listeners)}
    assert names - set(PARKED) - OPERATORS == set(OUTSIDE)


@each
def test_a_document_holds_every_topic_its_parties_hear_or_speak_on_and_no_other(name):
    parties = {party for party, domain in OUTSIDE.items() if domain.value == name}
    wanted = {
        (action, topic.name)
        for topic in REGISTRY
        for action, names in (("receive", topic.speakers), ("send", topic.listeners))
        if parties & {*names}
    }
    document = DOCUMENTS[name]
    said = {(document["operations"][key]["action"], topic) for key, topic, _ in spoken(document)}
    assert said == wanted
    assert document["operations"]["send-webhook"]["action"] == "send"


def test_halt_and_the_officer_of_justice_record_steps_alone():
    told = messages(DOCUMENTS["justice"], "receive-chain.decisions.v1")
    assert set(told) == {"step-recorded"}


@each
def test_no_message_and_no_field_is_shown_that_may_not_be_said(name):
    document = DOCUMENTS[name]
    looked_at = 0
    for _key, topic, found in spoken(document):
        allowed = ALLOWED.get(topic)
        if allowed is None:
            assert topic.startswith("school."), topic
            continue
        may = only(allowed.within)
        assert set(found) <= allowed.events
        for message in found.values():
            properties = message["payload"]["properties"]
            assert set(properties) - {"data"} <= allowed.around
            shown = set(paths(document, properties["data"]))
            assert shown
            assert {path for path in shown if not may(path)} == set()
            assert [not_allowed(topic, one["payload"]) for one in message["examples"]] == [[]] * len(
                message["examples"]
            )
            looked_at += 1
    assert looked_at


@each
def test_every_event_that_may_be_said_is_shown_with_all_its_fields(name):
    """The other side of the list: what is narrowed away is what it forbids, and nothing else."""
    document = DOCUMENTS[name]
    by_name = {topic.name: topic for topic in REGISTRY}
    for key, topic, found in spoken(document):
        if document["operations"][key]["action"] == "receive":
            continue
        may = ALLOWED[topic].events if topic in ALLOWED else set(by_name[topic].events)
        assert set(found) == set(by_name[topic].events) & may
        if topic not in ALLOWED:
            continue
        for event, message in found.items():
            whole = json.loads(
                (ROOT / f"shared/contracts/src/aanwezig/contracts/schemas/{event}.json").read_bytes()
            )
            known = set(paths(whole, whole["properties"]["data"]))
            shown = set(paths(document, message["payload"]["properties"]["data"]))
            assert shown == {path for path in known if only(ALLOWED[topic].within)(path)}


@each
def test_what_is_said_may_grow_and_what_is_taken_is_closed(name):
    """Whoever makes a model of what we say must not make one that breaks at the first addition."""
    document = DOCUMENTS[name]
    for key, _topic, found in spoken(document):
        is_said = document["operations"][key]["action"] == "send"
        for message in found.values():
            data = message["payload"]["properties"]["data"]
            closed = '"additionalProperties": false' in json.dumps(at(document, data["$ref"]))
            assert closed is not is_said, message["title"]


@each
def test_every_example_is_valid_and_every_message_has_one(name):
    document = DOCUMENTS[name]
    for message in document["components"]["messages"].values():
        checker = Draft7Validator(resolved(document, message["payload"]))
        assert message["examples"], message["title"]
        for example in message["examples"]:
            assert [fault.message for fault in checker.iter_errors(example["payload"])] == []


def test_a_payload_refuses_what_it_should():
    document = DOCUMENTS["chain"]
    checker = Draft7Validator(resolved(document, messages(document, "send-webhook")["notice"]["payload"]))
    good = messages(document, "send-webhook")["notice"]["examples"][0]["payload"]
    assert checker.is_valid(good)
    assert not checker.is_valid({**good, "data": {}})
    assert not checker.is_valid({**good, "word": "agenda-ready"})
    assert not checker.is_valid({name: value for name, value in good.items() if name != "dataref"})


@pytest.mark.parametrize(("name", "word"), [(d.value, word) for d, words in WORDS.items() for word in words])
def test_what_is_pushed_is_what_the_document_says(name, word):
    """The notifier's own function makes it; the document of the domain, and one message of it alone, knows it."""
    document = DOCUMENTS[name]
    example = notice_example(Domain(name), examples()["notice-sent"], word)
    if word in ABOUT_NOBODY:
        example["data"] = {
            key: one for key, one in example["data"].items() if key not in {"home_since", "school"}
        }
    event = event_from(json.dumps(example).encode())
    body = pushed(Parcel(example["data"]["notice"], event), "https://aanwezig.example")
    fitting = [
        title
        for title, message in messages(document, "send-webhook").items()
        if Draft7Validator(resolved(document, message["payload"])).is_valid(body)
    ]
    assert fitting == ["notice-with-data" if word in ABOUT_NOBODY else "notice"]


@each
def test_a_test_message_is_what_the_document_says(name):
    said = Event(
        "1", f"{PLATFORM_SOURCE}-notifier", TESTED, datetime(2024, 9, 2, tzinfo=UTC), {"subscription": "s"}
    )
    found = messages(DOCUMENTS[name], "send-webhook")
    fitting = [
        title
        for title, message in found.items()
        if Draft7Validator(resolved(DOCUMENTS[name], message["payload"])).is_valid(said.as_json())
    ]
    assert fitting == [TESTED]


def test_the_words_of_a_domain_are_those_of_its_table():
    assert {domain.value: set(words) for domain, words in WORDS.items()} == {
        name: {row.word for row in rows} for name, rows in TABLES.items()
    }
    assert ABOUT_NOBODY == IMPERSONAL_WORDS


def test_the_waits_in_the_description_are_those_of_the_timetable():
    units = {"s": 1, "min": 60, "h": 3600}
    said = re.search(r"after (\d+ s, .*? h and \d+ h)", PUSHING)[1]
    waits = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", said)]
    assert waits == [wait.total_seconds() for wait in TIMETABLE]


def test_every_sentence_is_used_and_is_one():
    used = {"webhook"} | {topic for document in DOCUMENTS.values() for _, topic, _ in spoken(document)}
    used |= {event for document in DOCUMENTS.values() for _, _, found in spoken(document) for event in found}
    assert set(MEANINGS) == used - set(SUBMISSIONS.events)
    for sentence in MEANINGS.values():
        assert sentence.endswith(".")


@each
def test_a_document_says_nothing_of_any_machine(name):
    text = FILES[name].read_text("utf-8")
    assert not re.search(r"127\.0\.0\.1|localhost|\b10\.\d|192\.168|:18\d{3}", text)


@each
def test_servers_are_encrypted_and_kafka_wants_a_credential(name):
    servers = DOCUMENTS[name]["servers"]
    assert {key: server["protocol"] for key, server in servers.items()} == {
        "kafka": "kafka-secure",
        "subscriber": "https",
    }
    scheme = at(DOCUMENTS[name], servers["kafka"]["security"][0]["$ref"])
    assert scheme["type"] == "scramSha512"


@each
def test_a_topic_says_its_key_partitions_and_how_long_it_keeps(name):
    document = DOCUMENTS[name]
    by_name = {topic.name: topic for topic in REGISTRY}
    for _, address, found in spoken(document):
        topic = by_name[address]
        kafka = document["channels"][address.replace("<system>", "system")]["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == int(topic.settings["retention.ms"])
        for message in found.values():
            assert topic.key in message["bindings"]["kafka"]["key"]["description"]
