"""What the models find wrong with a record's data, as refusals: by field, with a code of ours (`contract.md` 3)."""

from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from aanwezig.contracts.refusals import Code, Refusal


def refusals_of(invalid: ValidationError) -> Iterator[Refusal]:
    """One refusal per thing that is wrong, in the order of the fields. No value of the record is repeated."""
    for error in invalid.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in error["loc"])
        context = error.get("ctx", {})
        match error["type"]:
            case "missing":
                yield Refusal(field, Code.REQUIRED)
            case "unexpected_keyword_argument" | "extra_forbidden":
                yield Refusal(field, Code.UNKNOWN_FIELD)
            case "literal_error":
                yield Refusal(field, Code.UNKNOWN_WORD, str(context.get("expected", "")).replace("'", ""))
            case "not-a-date":
                yield Refusal(field, Code.NOT_A_DATE)
            case "year-too-early":
                yield Refusal(field, Code.YEAR_TOO_EARLY, str(context["year"]))
            case "school-form":
                yield Refusal(field, Code.SCHOOL_FORM)
            case "greater_than_equal":
                yield Refusal(
                    field, Code.OUT_OF_RANGE, f"minstens {context['ge']} / at least {context['ge']}"
                )
            case "less_than_equal":
                yield Refusal(
                    field, Code.OUT_OF_RANGE, f"hoogstens {context['le']} / at most {context['le']}"
                )
            case "string_too_long":
                yield Refusal(field, Code.TOO_LARGE, f"{context['max_length']}")
            case other:
                yield Refusal(
                    field,
                    Code.WRONG_TYPE,
                    _EXPECTED.get(other, "de vorm van het contract / the contract's form"),
                )


_EXPECTED: Final = {
    "int_type": "geheel getal / whole number",
    "int_from_float": "geheel getal / whole number",
    "bool_type": "true of false / true or false",
    "string_type": "tekst / text",
    "float_type": "getal / number",
    "finite_number": "getal / number",
    "tuple_type": "[ ... ]",
    "dict_type": "{ ... }",
    "dataclass_type": "{ ... }",
    "string_pattern_mismatch": "vier cijfers / four digits",
}
