"""How two JSON Schemas differ, change by change, and what that is to those who read or write by the first."""

from copy import deepcopy

import pytest

from aanwezig.contracts.shape_changes import ShapeComparison
from aanwezig.contracts.verdicts import VERDICTS, Change, Side

TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def thing(required=(), *, closed=True, **properties):
    said = {"type": "object", "properties": properties, "required": [*required]}
    return {**said, "additionalProperties": False} if closed else said


def one_of(*values):
    return {"type": "string", "enum": [*values]}


def maybe(shape):
    return {"anyOf": [shape, NOTHING]}


A_OR_B = {"oneOf": [thing(["a"], a=TEXT), thing(["b"], b=TEXT)]}
A_ALONE = {"oneOf": [thing(["a"], a=TEXT)]}
IF_GONE = {"type": "object", "if": {"required": ["gone"]}, "then": thing(a=TEXT), "else": thing(b=TEXT)}

# What it was, what it is, and the change: each is looked at in both directions.
RULES = {
    "a field is gone": (thing(a=TEXT, b=TEXT), thing(a=TEXT), "b is gone"),
    "a new optional field": (thing(a=TEXT), thing(a=TEXT, b=TEXT), "b is new and optional"),
    "a new required field": (thing(a=TEXT), thing(["b"], a=TEXT, b=TEXT), "b is new and required"),
    "left out now": (thing(["a"], a=TEXT), thing(a=TEXT), "a may be left out now"),
    "required now": (thing(a=TEXT), thing(["a"], a=TEXT), "a is required now"),
    "retyped": (thing(a=TEXT), thing(a=NUMBER), "a has another type: string has become integer"),
    "also null": (thing(a=TEXT), thing(a=maybe(TEXT)), "a has more types: also null"),
    "null no longer": (thing(a=maybe(TEXT)), thing(a=TEXT), "a has fewer types: no longer null"),
    "also broken numbers": (NUMBER, {"type": "number"}, "the value has more types: also number"),
    "a new value": (one_of("x"), one_of("x", "y"), 'the value has new values: "y"'),
    "a value is gone": (one_of("x", "y"), one_of("x"), 'the value has fewer values: no longer "y"'),
    "another value": ({"const": "v1"}, {"const": "v2"}, 'the value has other values: "v1" has become "v2"'),
    "free": (one_of("x"), TEXT, "the value has no list of values any more"),
    "listed": (TEXT, one_of("x"), "the value has a list of values now"),
    "longer": (
        {**TEXT, "maxLength": 4}, {**TEXT, "maxLength": 5}, "the value has a looser limit: `maxLength` 4 has become 5",
    ),
    "shorter": (
        {**TEXT, "maxLength": 4}, {**TEXT, "maxLength": 3}, "the value has a tighter limit: `maxLength` 4 has become 3",
    ),
    "lower": (
        {**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 0}, "the value has a looser limit: `minimum` 1 has become 0",
    ),
    "bounded": (NUMBER, {**NUMBER, "minimum": 0}, "the value has a tighter limit: `minimum` none has become 0"),
    "another pattern": (
        {**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^b$"}, "the value has another form: `pattern` ^a$ has become ^b$",
    ),
    "a pattern now": (
        TEXT, {**TEXT, "pattern": "^b$"}, "the value has a tighter limit: `pattern` none has become ^b$",
    ),
    "a format no longer": (
        {**TEXT, "format": "date"}, TEXT, "the value has a looser limit: `format` date has become none",
    ),
    "a new form": (A_ALONE, A_OR_B, "the value has a new form beside the others: object"),
    "a form is gone": (A_OR_B, A_ALONE, "the value has lost one of its forms: object"),
    "no unknown fields": (thing(a=TEXT, closed=False), thing(a=TEXT), "the value takes no unknown fields any more"),
    "unknown fields": (thing(a=TEXT), thing(a=TEXT, closed=False), "the value takes unknown fields now"),
    "null beside forms": (A_OR_B, {"oneOf": [*A_OR_B["oneOf"], NOTHING]}, "the value has more types: null"),
    "a condition": (
        {"type": "object"}, {**IF_GONE, "then": {}, "else": {}}, "the value has a tighter limit: a condition",
    ),
    "another condition": (
        IF_GONE, {**IF_GONE, "if": {"required": ["b"]}}, "the value has another form: another condition",
    ),
    "not as before": (TEXT, {**TEXT, "not": {"const": "x"}}, "the value has another form: in `not`"),
}  # fmt: skip
VERDICT_OF = {
    "a field is gone": ("breaks", "breaks"),
    "a new optional field": ("adds", "adds"),
    "a new required field": ("adds", "breaks"),
    "left out now": ("breaks", "adds"),
    "required now": ("adds", "breaks"),
    "retyped": ("breaks", "breaks"),
    "also null": ("breaks", "adds"),
    "null no longer": ("adds", "breaks"),
    "also broken numbers": ("breaks", "adds"),
    "a new value": ("warns", "adds"),
    "a value is gone": ("adds", "breaks"),
    "another value": ("breaks", "breaks"),
    "free": ("breaks", "adds"),
    "listed": ("adds", "breaks"),
    "longer": ("breaks", "adds"),
    "shorter": ("adds", "breaks"),
    "lower": ("breaks", "adds"),
    "bounded": ("adds", "breaks"),
    "another pattern": ("breaks", "breaks"),
    "a pattern now": ("adds", "breaks"),
    "a format no longer": ("breaks", "adds"),
    "a new form": ("breaks", "adds"),
    "a form is gone": ("adds", "breaks"),
    "no unknown fields": ("adds", "breaks"),
    "unknown fields": ("adds", "adds"),
    "null beside forms": ("breaks", "adds"),
    "a condition": ("adds", "breaks"),
    "another condition": ("breaks", "breaks"),
    "not as before": ("breaks", "breaks"),
}


def compared(old, new):
    return list(ShapeComparison(old, new).changes(old, new))


@pytest.mark.parametrize("rule", RULES)
def test_each_change_of_a_shape_is_named_and_weighed_on_both_sides(rule):
    old, new, sentence = RULES[rule]
    (change,) = compared(old, new)
    assert change.sentence() == sentence
    weighed = VERDICTS[change.change]
    assert (weighed[Side.SAID].value, weighed[Side.TAKEN].value) == VERDICT_OF[rule]


@pytest.mark.parametrize("rule", RULES)
def test_a_shape_is_the_same_as_itself(rule):
    for shape in RULES[rule][:2]:
        assert compared(shape, deepcopy(shape)) == []


def test_every_kind_of_change_has_a_rule_that_is_tried():
    tried = {change.change for old, new, _ in RULES.values() for change in compared(old, new)}
    assert tried == set(Change) == set(VERDICTS)


def test_what_is_deep_inside_is_found_by_its_path():
    old = {"type": "array", "items": thing(a=maybe(thing(b={"type": "array", "items": TEXT})))}
    new = {"type": "array", "items": thing(a=maybe(thing(b={"type": "array", "items": NUMBER})))}
    assert [change.path for change in compared(old, new)] == ["[].a.b[]"]


def test_references_are_looked_up_and_may_lead_to_themselves():
    old = {"$defs": {"node": thing(name=TEXT, below={"$ref": "#/$defs/node"})}, "$ref": "#/$defs/node"}
    new = {"$defs": {"node": thing(name=NUMBER, below={"$ref": "#/$defs/node"})}, "$ref": "#/$defs/node"}
    assert [change.path for change in compared(old, new)] == ["name"]
    assert compared(old, deepcopy(old)) == []


def test_two_ways_to_write_one_shape_are_no_change():
    assert compared({"allOf": [thing(a=TEXT)]}, thing(a=TEXT)) == []
    assert compared(maybe(TEXT), {"type": ["null", "string"]}) == []
    assert compared({"const": "x", "type": "string"}, one_of("x")) == []


def test_a_form_is_compared_with_the_one_it_is_most_like():
    old = {"oneOf": [thing(["a"], a=TEXT), thing(["b", "c"], b=TEXT, c=TEXT)]}
    new = {"oneOf": [thing(["b", "c"], b=TEXT, c=NUMBER), thing(["a"], a=TEXT, d=TEXT)]}
    assert {change.path for change in compared(old, new)} == {"c", "d"}
