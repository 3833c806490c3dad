"""Every schema and every example is used, and schema, models and validator agree about each of them."""

import orjson
import pytest

from aanwezig.contracts.envelope import Event, event_from
from aanwezig.contracts.facts import FACT_TYPES, Retraction, word_from
from aanwezig.contracts.identifiers import is_personal_number
from aanwezig.contracts.published_pages import AT_THE_DOOR
from aanwezig.contracts.receipts import ReceiptSaid, ReceiptsSaid
from aanwezig.contracts.refusals import Code
from aanwezig.contracts.said import MESSAGES
from aanwezig.contracts.submissions import Submission, examine, examine_object
from aanwezig.contracts.topics import REGISTRY
from aanwezig.contracts.writing import data_of
from support.published import faults, named, read

SCHEMAS = {name: read(file) for name, file in named("schemas").items() if name != "topics"}
EXAMPLES = {name: read(file) for name, file in named("examples").items()}
GOOD = {name: said for name, said in EXAMPLES.items() if not name.startswith("refused/")}
ANSWERS = {"receipts": ReceiptsSaid, "receipt": ReceiptSaid}
SUBMITTED = {name: said for name, said in GOOD.items() if name.startswith("submitted/")}
EVENTS = {name: said for name, said in GOOD.items() if name not in SUBMITTED and name not in ANSWERS}
REFUSED = {name: said for name, said in EXAMPLES.items() if name.startswith("refused/")}

# What no schema can know: it takes arithmetic, a time zone, or two fields together.
BEYOND_A_SCHEMA = {
    "time-before-2000",    "failing-eleven-test", "date-to-come", "missed-above-minutes", "until-before-from", "holiday-backwards",
    "school-of-another", "officers-leave-by-a-school", "mark-by-a-municipality", "exemption-by-a-school",
}  # fmt: skip


def short_name(said):
    return said["type"].removeprefix("nl.attendance.").removesuffix(".v1")


def schema_of(name, said):
    if name in ANSWERS:
        return name
    return f"submitted/{short_name(said)}" if name in SUBMITTED else short_name(said)


def mapped(cases):
    return pytest.mark.parametrize(("name", "said"), cases.items(), ids=list(cases))


@mapped(GOOD)
def test_an_example_is_valid_by_its_schema(name, said):
    assert faults(SCHEMAS[schema_of(name, said)], said) == []


def test_every_schema_has_an_example():
    assert {schema_of(name, said) for name, said in GOOD.items()} == set(SCHEMAS)


@pytest.mark.parametrize("topic", REGISTRY, ids=lambda topic: topic.name)
def test_every_event_of_a_topic_has_a_schema_and_an_example(topic):
    said = {short_name(one) for one in EVENTS.values()}
    assert set(topic.events) <= said
    assert set(topic.events) <= set(SCHEMAS)


def test_every_submitted_type_has_an_example_and_a_retraction():
    assert {short_name(said) for said in SUBMITTED.values()} == set(FACT_TYPES)
    assert {short_name(said) for said in SUBMITTED.values() if said["data"].get("retracted")} == set(
        FACT_TYPES
    )


@mapped(EVENTS)
def test_what_is_read_and_said_again_is_the_same_twice(name, said):
    value = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    for _ in range(2):
        event = event_from(value)
        again = Event(
            event.id,
            event.source,
            event.name,
            event.time,
            _data(event),
            event.sequence,
            event.causation,
            event.traceparent,
        )
        assert again.as_bytes() == value, name
        value = again.as_bytes()


def _data(event):
    if event.name in FACT_TYPES:
        return data_of(word_from(event).fact)
    return MESSAGES[event.name].model_validate(event.data).said()


@pytest.mark.parametrize("name", ANSWERS)
def test_a_receipt_is_read_and_said_again_the_same_twice(name):
    said = EXAMPLES[name]
    for _ in range(2):
        again = ANSWERS[name].model_validate(said).said()
        assert again == said
        said = again


@mapped(SUBMITTED)
def test_what_is_submitted_is_taken_in_and_read_as_the_same_word_twice(name, said):
    taken = examine(orjson.dumps(said))
    assert isinstance(taken, Submission), taken
    assert isinstance(taken.fact, Retraction) == bool(said["data"].get("retracted")), name
    word = taken.word("a-pseudonym")
    for _ in range(2):
        event = Event(word.id, word.source, word.name, word.time, data_of(word.fact), word.sequence)
        assert faults(SCHEMAS[word.name], event.as_json()) == []
        again = word_from(event_from(event.as_bytes()))
        assert again == word
        word = again


@mapped(REFUSED)
def test_a_bad_example_is_refused_with_exactly_its_codes(name, said):
    refused = examine_object(said["record"])
    assert isinstance(refused, list), name
    assert [{"field": one.field, "code": one.code.value} for one in refused] == said["refusals"]
    assert examine(orjson.dumps(said["record"])) == refused


@mapped(REFUSED)
def test_a_bad_example_is_refused_by_the_schema_where_a_schema_can_know(name, said):
    record = said["record"]
    named_type = record.get("type", "nl.attendance.mark-recorded.v1")
    schema = SCHEMAS.get(f"submitted/{short_name({'type': named_type})}", SCHEMAS["submitted/mark-recorded"])
    known = bool(faults(schema, record))
    assert known == (name.removeprefix("refused/") not in BEYOND_A_SCHEMA)


def test_every_code_of_form_has_a_bad_example():
    shown = {Code(one["code"]) for said in REFUSED.values() for one in said["refusals"]}
    not_by_an_object = {Code.NOT_JSON}  # shown by the bytes in tests/unit/contracts
    assert shown == set(Code) - AT_THE_DOOR - not_by_an_object


def test_the_numbers_of_good_examples_pass_the_eleven_test():
    numbers = [said["data"]["pupil"].get("number") for said in SUBMITTED.values() if "pupil" in said["data"]]
    assert all(is_personal_number(number) for number in numbers if number is not None)
    assert any(number is None for number in numbers)


@mapped(EVENTS)
def test_a_field_that_nobody_knows_is_refused_by_schema_and_model(name, said):
    worse = {**said, "data": {**said["data"], "naam": "-"}}
    assert faults(SCHEMAS[short_name(said)], worse), name
    with pytest.raises(ValueError, match="naam"):
        _strictly(event_from(orjson.dumps(worse)))


def _strictly(event):
    if event.name in FACT_TYPES and event.data.get("retracted"):
        raise ValueError("naam: a retraction is read by its key alone, and its schema says no more")
    return word_from(event) if event.name in FACT_TYPES else MESSAGES[event.name].model_validate(event.data)


@mapped(EVENTS)
def test_an_event_without_data_is_refused_by_its_schema(name, said):
    assert faults(SCHEMAS[short_name(said)], {**said, "data": {}}), name
    assert faults(SCHEMAS[short_name(said)], {**said, "type": "nl.attendance.other.v1"}), name
