"""Some records of an Ed-Fi interchange, as they stand in it, with all that was around them: an interchange of its own."""

from collections.abc import Container
from typing import Any
from xml.parsers import expat

from aanwezig.contracts.refusals import Code, Refusal
from aanwezig.intake.readings import NotTaken


def excerpt(body: bytes, numbers: Container[int]) -> bytes:
    """The interchange with only the records of these numbers, counted from 1 (`edfi_xml`), byte for byte as they were.

    Raises:
        NotTaken: it is no well-formed XML.

    """
    found = _Places(numbers)
    try:
        found.parser.Parse(body, True)  # noqa: FBT003 - expat names no parameters
    except (expat.ExpatError, ValueError, LookupError):
        raise NotTaken(Refusal("", Code.BROKEN_XML)) from None
    begin, end = found.inside
    records = (body[first:behind] for first, behind in found.records)
    return b"".join((body[:begin], *records, body[end:]))


class _Places:
    """Where records begin and end, in bytes of the body: expat tells where each thing begins, so one ends with the next."""

    def __init__(self, numbers: Container[int]) -> None:
        self.records: list[tuple[int, int]] = []
        self.inside = (0, 0)
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.parser.CommentHandler = self._other
        self.parser.ProcessingInstructionHandler = self._other
        self._numbers = numbers
        self._depth = 0
        self._number = 0
        self._first = 0
        self._begun = False
        self._ended = False

    def _begin(self, _name: str, _attributes: dict[str, str]) -> None:
        self._other()
        if self._depth == 1:
            self._number += 1
            self._first = self.parser.CurrentByteIndex
        self._depth += 1
        self._begun = self._depth == 1

    def _end(self, _name: str) -> None:
        self._other()
        self._depth -= 1
        if self._depth == 0:
            self.inside = (self.inside[0], self.parser.CurrentByteIndex)
        self._ended = self._depth == 1

    def _other(self, *_: Any) -> None:
        if self._begun:
            self.inside = (self.parser.CurrentByteIndex, 0)
        if self._ended and self._number in self._numbers:
            self.records.append((self._first, self.parser.CurrentByteIndex))
        self._begun = self._ended = False
