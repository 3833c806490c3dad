"""docs/packs.md has every field of a pack, with what `nl-2024` says and its source."""

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import get_type_hints

from aanwezig.law import packs, shelf
from aanwezig.law.pack import Pack

PAGE = (Path(__file__).parents[3] / "docs" / "packs.md").read_text(encoding="utf-8")
SAYS = tomllib.loads(shelf.built_in_files()["packs/nl-2024.toml"].decode())
IN_WORDS = {"kinds": "all thirteen", "not_carried": "three sentences", "sources": "below"}


def fields(shape, at=""):
    hints = get_type_hints(shape)
    for field in dataclasses.fields(shape):
        name = at + field.name.rstrip("_")
        if dataclasses.is_dataclass(hints[field.name]):
            yield from fields(hints[field.name], f"{name}.")
        else:
            yield name


def said(name):
    value = SAYS
    for key in name.split("."):
        value = value[key]
    return IN_WORDS.get(name) or shown(value)


def shown(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(", ".join(f"{key} {item}" for key, item in row.items()) for row in value)
    if isinstance(value, list):
        return ", ".join(f"`{item}`" if isinstance(item, str) else str(item) for item in value) or "`[]`"
    return value if not isinstance(value, str) else value if " " in value else f"`{value}`"


def rows():
    """Per field what stands on the page: what it says, its unit, the value."""
    found = re.findall(r"^\| `([a-z_.]+)` \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    return {name: (meaning, unit, value) for name, meaning, unit, value in found}


def test_the_page_has_every_field_and_no_other():
    assert list(rows()) == list(fields(Pack))


def test_the_page_says_what_the_national_pack_says():
    assert {name: value for name, (_, _, value) in rows().items()} == {
        name: str(said(name)) for name in fields(Pack)
    }
    pack = packs.load("nl-2024")
    assert (len(pack.kinds), len(pack.not_carried)) == (13, 3)


def test_every_table_tells_its_source():
    told = dict(re.findall(r"^### `([a-z_]+)`\n\nSource: (.+)$", PAGE, re.MULTILINE))
    assert told == {table: text for table, text in SAYS["sources"].items() if table != "kinds"}
    assert set(told) == {table for table, rule in SAYS.items() if isinstance(rule, dict)} - {"sources"}


def test_every_shipped_pack_stands_on_the_page():
    listed = re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert sorted(listed) == list(shelf.built_in().names())
