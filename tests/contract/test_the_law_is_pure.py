"""The law imports nothing but the standard library and the contracts, and asks neither a clock nor chance."""

import ast
import sys
from importlib.resources import files
from pathlib import Path

import pytest

MODULES = sorted(Path(str(files("aanwezig.law"))).rglob("*.py"))
CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter"}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_it_stands_on_the_standard_library_and_the_contracts(module):
    foreign = {
        name
        for name in imported(ast.parse(module.read_text()))
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("aanwezig.law", "aanwezig.contracts"))
    }
    assert foreign == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_it_asks_neither_clock_nor_chance(module):
    tree = ast.parse(module.read_text())
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & CLOCKS
    assert asked == set()
    assert not {"random", "secrets", "uuid", "time", "os"} & set(imported(tree))


def test_there_is_a_law_to_look_at():
    assert len(MODULES) > 15
