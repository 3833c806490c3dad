"""The refused rows of a file as the file had them, ready to be corrected and sent again."""

import codecs
from collections.abc import Container, Iterator
from typing import Final

import orjson

from aanwezig.cli.filerows import array_of, dumped, one_object
from aanwezig.cli.given import Given
from aanwezig.cli.offline import rows_of
from aanwezig.intake.edfi_excerpt import excerpt
from aanwezig.intake.table_excerpt import as_written
from aanwezig.intake.unpacking import Kind

SUFFIXES: Final = {Kind.NDJSON: "ndjson", Kind.JSON_BATCH: "ndjson", Kind.CSV: "csv", Kind.EDFI_XML: "xml"}
"""How the name of an excerpt ends, by the kind of its file."""


def refused_rows(given: Given, kind: Kind, numbers: Container[int]) -> Iterator[bytes]:
    """A file of the rows with these numbers alone, as chunks.

    CSV has the header above them and is UTF-8 as Excel reads it; records of Ed-Fi stand in their own interchange; an event
    of a JSON array has a line of its own.

    Raises:
        OSError, NotTaken: the file cannot be read, or is another one now.

    """
    match kind:
        case Kind.CSV:
            head, rows = as_written(given.body())
            yield codecs.BOM_UTF8 + head.encode()
            for number, text in rows:
                if number in numbers:
                    yield text.encode()
        case Kind.EDFI_XML:
            yield excerpt(given.body(), numbers)
        case Kind.JSON_BATCH:
            for number, value in enumerate(array_of(given.body()), start=1):
                if number in numbers:
                    yield dumped(value) + b"\n"
        case _:
            alone = one_object(given)
            if alone is not None:
                yield orjson.dumps(alone, option=orjson.OPT_APPEND_NEWLINE)
                return
            with given.stream() as file:
                for number, raw in rows_of(file):
                    if number in numbers:
                        yield raw + b"\n"
