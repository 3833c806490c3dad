"""The guide for makers of school systems says what the code says: facts and their fields, calls, statuses, remedies."""

import dataclasses
import re
from collections import Counter
from typing import Literal, get_args, get_origin

import pytest

from aanwezig.contracts.facts import FACT_TYPES
from aanwezig.contracts.identifiers import municipality_source, school_source
from aanwezig.contracts.refusals import Code
from aanwezig.contracts.remedies import AFTERWARDS, REMEDIES, Turn
from aanwezig.contracts.submissions import Submission, examine_object
from aanwezig.intake.problems import PROBLEMS
from aanwezig.intake.published_calls import CALLS, STATUS_OF
from support.guide import GUIDE, event, told_facts

SOURCES = {"school": school_source("25PL"), "municipality": municipality_source("0637")}
README = (GUIDE / "README.md").read_text("utf-8")
FROM_TO = {*(f"lesson-{number}" for number in range(2, 16)), *(f"11{letter}" for letter in "bc")}
"""Words that the page tells as a series, by its first and its last."""
each_fact = pytest.mark.parametrize("told", told_facts(), ids=lambda told: told.name)


def rows(heading, page=README):
    """The first table under a heading, without its head."""
    part = page.partition(f"{heading}\n")[2].partition("\n## ")[0]
    table = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]


def test_every_fact_is_told():
    assert sorted(told.name for told in told_facts()) == sorted(FACT_TYPES)


@each_fact
def test_a_fact_is_told_with_its_fields(told):
    kind = FACT_TYPES[told.name]
    fields = {
        field.name.rstrip("_"): (field.name in kind.KEY, field.default is not dataclasses.MISSING)
        for field in dataclasses.fields(kind)
    }
    assert told.fields == fields


@each_fact
def test_every_word_of_a_list_is_told(told):
    listed = {word for field in dataclasses.fields(FACT_TYPES[told.name]) for word in words(field.type)}
    assert {word for word in listed - FROM_TO if f"`{word}`" not in told.text} == set()


def words(kind):
    """The words a type allows, wherever in it they stand."""
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    return {word for part in get_args(kind) if not isinstance(part, str) for word in words(part)}


@each_fact
def test_a_fact_has_examples_of_whoever_says_it(told):
    assert told.examples
    for who, data in told.examples:
        said = examine_object(event(told.name, data, row_id="1", source=SOURCES[who]))
        assert isinstance(said, Submission), said


@each_fact
def test_nobody_else_says_what_a_municipality_alone_says(told):
    for who, data in told.examples:
        if who == "municipality":
            said = examine_object(event(told.name, data, row_id="1", source=SOURCES["school"]))
            assert isinstance(said, list)
            assert [refusal.code for refusal in said] == [Code.TYPE_NOT_YOURS]


def test_every_code_has_a_remedy_of_its_own_kind():
    assert set(AFTERWARDS) == set(Turn) == set(REMEDIES)
    assert Counter(code for remedies in REMEDIES.values() for code in remedies) == Counter(Code)
    texts = [text for remedies in REMEDIES.values() for text in remedies.values()]
    assert all(text.endswith(".") and len(text) > 10 for text in texts)


def test_the_calls_are_those_of_the_door():
    told = {row[0].strip("`") for row in rows("## 8. Find out later what became of it")}
    others = {"GET /v1/system", "GET /v1/openapi.json", "POST /v1/identities"}
    assert told | others == {f"{call.method} {call.path}" for call in CALLS}
    assert all(
        f"`{one}`" in README or f"$DOOR{one.split()[1]}" in README for one in others - {"POST /v1/identities"}
    )


def test_the_parameters_are_those_of_the_calls():
    taken = {
        f"{call.method} {call.path}": {one.name for one in call.parameters if one.place == "query"}
        for call in CALLS
    }
    for call, _, parameters in rows("## 8. Find out later what became of it"):
        told = set(re.findall(r"`([a-z]+)`", re.sub(r"\(.*?\)", "", parameters)))
        assert told == taken[call.strip("`")], call


def test_every_status_says_what_the_program_does():
    told = {int(one) for row in rows("## 9. Try again, or not") for one in re.findall(r"\d{3}", row[0])}
    answered = {status.value for status in STATUS_OF.values()}
    assert answered - told == {501}, "only a question about who is who is answered 501"
    assert told >= {202, 503}


def test_the_problems_of_kafka_are_problems():
    kafka = (GUIDE / "kafka.md").read_text("utf-8")
    table = kafka[kafka.index("| `problem.code`") :]
    told = set(re.findall(r"`([a-z-]+)`", table))
    assert told <= {*PROBLEMS, *(code.value for code in Code)}
    assert {code for code in PROBLEMS if code not in STATUS_OF} <= told, "what only the Kafka door says"
