"""The page of limits says what the code says: every limit with its setting and answer, every answer with its sentences."""

import ast
import re
from http import HTTPStatus

import pytest

from aanwezig.contracts.envelope import MAX_EVENT_BYTES
from aanwezig.contracts.generate import ROOT
from aanwezig.contracts.refusals import OF_A_WHOLE_FILE, Code, Refusal
from aanwezig.intake.bodies import MEDIA_TYPES
from aanwezig.intake.problems import PROBLEMS, WholeRefused
from aanwezig.intake.settings import IntakeSettings
from aanwezig.intake.unpacking import Bounds

PAGE = (ROOT / "docs" / "schools" / "limits.md").read_text("utf-8")
SOURCES = sorted((ROOT / "services" / "intake").rglob("src/**/*.py"))
OF_A_ROW = {Code.TOO_LARGE, Code.QUARANTINE_FULL}


def rows(heading):
    """The first table under a heading, without its head."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]


def statuses():
    """The statuses each problem is raised with, read from the code."""
    found = {}
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, code = node.args[:2]
                found.setdefault(code.value, set()).add(HTTPStatus[status.attr].value)
    return found


def shown(sentence):
    return sentence.format(detail="<detail>").replace("<", "&lt;")


def test_every_answer_is_told_with_its_status_and_both_sentences():
    raised = statuses()
    wanted = [
        [f"`{code}`", ", ".join(map(str, sorted(raised.get(code, ())))), *map(shown, words)]
        for code, words in PROBLEMS.items()
    ]
    assert rows("The answers") == wanted, "the page should say:\n" + "\n".join(
        f"| {' | '.join(row)} |" for row in wanted
    )
    assert set(raised) == set(PROBLEMS)


@pytest.mark.parametrize("heading", ["What is limited", "Slow connections"])
def test_every_limit_has_the_setting_and_the_default_of_the_code(heading):
    fields = {f"`AANWEZIG_{name.upper()}`": field for name, field in IntakeSettings.model_fields.items()}
    told = rows(heading)
    assert told
    for what, setting, default, *_ in told:
        if setting == "none":
            assert str({"bytes of one event": MAX_EVENT_BYTES}.get(what, Bounds().ratio)) in default
        else:
            assert default == f"`{fields[setting].default}`", what


def test_every_limit_is_answered_as_the_page_says():
    raised = statuses() | {"unpacks-too-large": {413}}
    for what, _, _, status, code in rows("What is limited"):
        name = code.strip("`")
        if name in OF_A_ROW:
            assert status == "202, in its receipt", what
        else:
            assert {int(status)} == raised[name], what


def test_every_setting_of_the_door_that_is_a_limit_is_told():
    told = {row[1] for row in (*rows("What is limited"), *rows("Slow connections"))}
    limits = re.compile(r"answered \d{3}|hung up on|let go\.")
    wanted = {
        f"`AANWEZIG_{name.upper()}`"
        for name, field in IntakeSettings.model_fields.items()
        if limits.search(field.description or "")
    }
    assert wanted
    assert wanted <= told


def test_every_format_is_told():
    assert all(f"`{one}`" in PAGE for one in MEDIA_TYPES)


def test_only_a_bomb_is_too_large_of_what_is_refused_as_a_file():
    large = {code for code in OF_A_WHOLE_FILE if WholeRefused(Refusal("", code)).status == 413}
    assert large == {Code.UNPACKS_TOO_LARGE}
