"""What the guide for makers of school systems says of each fact: its fields, who says it, its examples."""

import re
from dataclasses import dataclass, field

import orjson

from aanwezig.contracts.generate import ROOT

GUIDE = ROOT / "docs" / "schools"
_SPEAKER = re.compile(r"\*A (school|municipality) says this")


@dataclass
class Told:
    """A fact as the page tells it. `fields` by name: whether it names the fact (bold), and whether it is optional."""

    name: str
    text: str
    fields: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    examples: list[tuple[str, dict]] = field(default_factory=list)
    """Who says it (`school`, `municipality`), and the data."""


def told_facts():
    """The facts of the page, in its order."""
    page = (GUIDE / "facts.md").read_text("utf-8")
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    return [
        _told(name, text)
        for name, text in zip(parts[::2], parts[1::2], strict=True)
        if re.fullmatch("[a-z-]+", name)
    ]


def _told(name, text):
    told = Told(name, text)
    for row in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)[1:]:
        for bold, named, optional in re.findall(
            r"(\*\*)?`([a-z_]+)`(?:\*\*)?(\?)?", re.sub(r"\(.*?\)", "", row)
        ):
            told.fields[named] = (bool(bold), bool(optional))
    speaker = None
    for said in re.finditer(rf"{_SPEAKER.pattern}|^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if said[1]:
            speaker = said[1]
        else:
            told.examples.append((speaker, orjson.loads(said[2])))
    return told


def event(name, data, *, row_id, source):
    """An example in the envelope of the guide."""
    return {
        "specversion": "1.0", "id": row_id, "source": source, "type": f"nl.attendance.{name}.v1",
        "time": "2024-12-02T16:00:00+01:00", "data": data,
    }  # fmt: skip
