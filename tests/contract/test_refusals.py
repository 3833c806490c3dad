"""Every refusal has a sentence in both languages that a clerk can use, and repeats nothing of the record."""

import string

import orjson
import pytest

from aanwezig.contracts import refusals
from aanwezig.contracts.published_pages import AT_THE_DOOR
from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.contracts.submissions import examine

each = pytest.mark.parametrize("code", Code, ids=lambda code: code.value)
SECRET = "999999991"


@each
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_code_has_a_sentence_of_its_own(code, language):
    sentence = Refusal("minutes", code, "<= 480").message(language)
    assert sentence[0] == sentence[0].upper()
    assert sentence.endswith(".")
    assert len(sentence) > 25
    others = {Refusal("minutes", other, "<= 480").message(language) for other in Code if other is not code}
    assert sentence not in others


@each
def test_the_two_languages_differ_and_take_the_same_parts(code):
    dutch, english = (refusals._WORDS[code][place] for place in (0, 1))
    assert dutch != english
    assert _parts(dutch) == _parts(english)
    assert _parts(dutch) <= {"field", "detail"}


def _parts(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@each
def test_a_code_is_kebab_case(code):
    assert code.value == code.name.lower().replace("_", "-")


def test_every_code_has_words_and_nothing_else_has():
    assert set(refusals._WORDS) == set(Code)


def test_codes_of_the_door_are_codes():
    assert set(Code) > AT_THE_DOOR


@pytest.mark.parametrize(
    "field",
    ["id", "source", "type", "time", "sequence", "specversion", "data"],
)
def test_no_sentence_repeats_what_the_envelope_held(field):
    record = {"specversion": "1.0", "data": {"pupil": {"number": SECRET}}}
    for value in (SECRET, [SECRET], {"x": SECRET}):
        refused = examine(orjson.dumps({**record, field: value}))
        assert refused
        assert not any(SECRET in one.message(language) for one in refused for language in ("nl", "en"))


@pytest.mark.parametrize(
    "field",
    ["pupil", "school", "date", "slot", "minutes", "state", "authorised", "reason", "missed", "retracted"],
)
@pytest.mark.parametrize(
    "value", [SECRET, [SECRET], {"x": SECRET}, {"number": SECRET}, {"local": [SECRET]}], ids=str
)
def test_no_sentence_repeats_what_the_data_held(field, value):
    data = {
        "pupil": {"number": "123456782"}, "school": "25PL00", "date": "2024-09-02", "slot": "lesson-1", "minutes": 50,
        "state": "absent", field: value,
    }  # fmt: skip
    record = {
        "specversion": "1.0", "id": "1", "source": "urn:nld:oin:000000070000000025PL",
        "type": "nl.attendance.mark-recorded.v1", "time": "2024-09-02T14:00:00Z", "data": data,
    }  # fmt: skip
    refused = examine(orjson.dumps(record))
    assert isinstance(refused, list)
    assert not any(
        SECRET in (one.detail + one.message(language)) for one in refused for language in ("nl", "en")
    )


def test_a_record_that_is_no_object_is_told_without_a_field():
    (refused,) = examine(b"[1, 2]")
    assert refused.message("nl") == "Dit record heeft niet de goede vorm: verwacht wordt { ... }."
    assert refused.message("en") == "This record has the wrong form: expected is { ... }."


def test_braces_in_a_field_name_do_not_break_the_sentence():
    assert "'a{detail}{0}'" in Refusal("a{detail}{0}", Code.UNKNOWN_FIELD).message("nl")
