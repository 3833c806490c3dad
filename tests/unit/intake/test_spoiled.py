"""Whatever becomes of a body: rows that each have an outcome, or one refusal of the whole; soon, and never half."""

import csv
import gzip
import io
import json
import time
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aanwezig.contracts.refusals import Refusal
from aanwezig.contracts.submissions import Submission, examine_object
from aanwezig.intake.bodies import MEDIA_TYPES, Label, rows_of, unpacked_body
from aanwezig.intake.edfi import Setting, read_edfi
from aanwezig.intake.edfi_excerpt import excerpt
from aanwezig.intake.formats import NotReadable, TooManyRows
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.table_excerpt import as_written
from aanwezig.intake.unpacking import Bounds, Kind, opened
from support.spoiling import (
    BATCH,
    BOMB,
    CSV,
    INTERCHANGE,
    NDJSON,
    OTHERS,
    SINGLE,
    SPOILS,
    any_body,
    marks,
    spoiled,
    written,
)
from support.submitted import SCHOOL_SOURCE, a_mark_said, said

MOST_BYTES = 4_000_000
MOST_ROWS = 2_000
SECONDS, SECONDS_A_BYTE = 0.5, 1e-6
"""CPU seconds that a body may take whatever it is, and for each byte of it unpacked. Twenty times what is usual."""
GOOD = marks(7)
often = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
each_type = pytest.mark.parametrize("media_type", MEDIA_TYPES)


def read(body, media_type, charset=None, *, most=MOST_ROWS):
    label = Label(media_type, charset)
    body = unpacked_body(body, label, MOST_BYTES)
    return list(rows_of(body, label, most, source=SCHOOL_SOURCE))


def read_in_time(act, body, *more):
    """What a reader gives; None where it refuses the whole, with a sentence where it has one. Soon, either way."""
    begun = time.process_time()
    told, refused = attempted(act, body, *more)
    took = time.process_time() - begun
    size = MOST_BYTES if body.startswith(b"\x1f\x8b") else len(body)
    assert took < SECONDS + SECONDS_A_BYTE * size, f"{took:.2f} s for {len(body)} bytes"
    assert refused is None or (refused.message("nl") and refused.message("en"))
    return told


def attempted(act, body, *more):
    try:
        return act(body, *more), None
    except NotTaken as refused:
        return None, refused.refusal
    except (NotReadable, TooManyRows):
        return None, None


def assert_has_an_outcome(row):
    """What every row has, whatever it says: bytes to keep, an id or none, and either a meaning or reasons with sentences."""
    assert isinstance(row.as_bytes, bytes)
    assert row.id is None or row.id
    examined = [row.unread] if row.unread is not None else examine_object(row.said)
    if not isinstance(examined, Submission):
        assert examined
        for refusal in examined:
            assert isinstance(refusal, Refusal)
            assert refusal.message("nl")
            assert refusal.message("en")


def lines_of(body):
    return [line for line in body.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]


@each_type
@often
@given(st.data())
def test_a_spoiled_body_gives_rows_with_an_outcome_or_one_refusal(media_type, data):
    body = data.draw(any_body(media_type, GOOD))
    charset = data.draw(st.sampled_from([None, "utf-8-sig", "windows-1252"])) if media_type == CSV else None
    rows = read_in_time(read, body, media_type, charset)
    if rows is None:
        return
    for one in rows:
        assert_has_an_outcome(one.row)
    numbers = [one.number for one in rows]
    assert numbers == sorted(set(numbers))
    plain = unpacked_body(body, Label(media_type), MOST_BYTES)
    if media_type == NDJSON:
        assert [one.row.raw for one in rows] == [line.strip() for line in lines_of(plain)]
    elif media_type == BATCH:
        assert len(rows) == len(orjson.loads(plain))
    elif media_type == SINGLE:
        assert len(rows) == 1


@each_type
@pytest.mark.parametrize("spoil", [None, *SPOILS])
def test_everything_that_is_no_body_has_one_answer(media_type, spoil):
    for other in OTHERS:
        body = other if spoil is None else SPOILS[spoil](other, 0.5, b'"')
        for one in read_in_time(read, body, media_type) or []:
            assert_has_an_outcome(one.row)


@often
@given(spoiled(st.sampled_from([INTERCHANGE, BOMB, INTERCHANGE.decode().encode("utf-16")])))
@example(BOMB)
def test_a_spoiled_interchange_gives_rows_with_an_outcome_or_one_refusal(body):
    setting = Setting(SCHOOL_SOURCE, datetime(2024, 9, 3, tzinfo=UTC), {"255901001": "25PL00"})
    told = read_in_time(lambda one: read_edfi([one], setting, 100), body)
    for one in () if told is None else told.files[0].rows:
        assert_has_an_outcome(one.row)
    part = read_in_time(lambda one: excerpt(one, {1}), body)
    assert part is None or isinstance(part, bytes)


@often
@given(st.data())
def test_any_file_is_opened_as_one_of_our_kinds_or_refused(data):
    body = data.draw(any_body(data.draw(st.sampled_from(MEDIA_TYPES)), GOOD))
    file = read_in_time(lambda one: opened(one, Bounds(MOST_BYTES)), body)
    if file is not None and file.kind is Kind.CSV:
        told = read_in_time(lambda one: as_written(one)[0], file.body)
        assert told is None or isinstance(told, str)


@often
@given(st.lists(st.binary(max_size=60).map(lambda one: one.replace(b"\n", b" ")), min_size=1), st.randoms())
def test_bad_lines_lose_and_double_no_good_one(noise, random):
    good = lines_of(written(GOOD, NDJSON, line_end="\n"))
    lines = [*good, *noise]
    random.shuffle(lines)
    rows = read_in_time(read, b"\n".join([good[0], *lines]), NDJSON)
    expected = [line.strip() for line in [good[0], *lines] if line.strip()]
    assert [one.row.raw for one in rows] == expected
    fine = [one.row.said["id"] for one in rows if one.row.raw in good]
    assert sorted(fine) == sorted([GOOD[0]["id"], *(row["id"] for row in GOOD)])


PLAIN = st.text(st.characters(exclude_characters='";', exclude_categories=["Cs", "Cc"]), max_size=40)


@often
@given(st.lists(PLAIN, max_size=20), st.integers(0, len(GOOD)))
def test_a_bad_row_of_a_table_loses_and_doubles_no_good_one(cells, place):
    lines = written(GOOD, CSV).decode().splitlines()
    bad = ";".join(cells)
    text = "\r\n".join([*lines[: place + 1], bad, *lines[place + 1 :]])
    rows = read_in_time(read, text.encode(), CSV)
    clean = read(written(GOOD, CSV), CSV)
    others = [one for one in rows if one.number != place + 2]
    assert [one.row for one in others] == [one.row for one in clean]
    assert [one.number for one in others] == [n for n in range(2, len(GOOD) + 3) if n != place + 2]


# Whatever stands in a cell, except what a spreadsheet does not keep: blanks around it, and ="..." for text.
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() and not text.startswith('="')
)
FACTS = st.one_of(
    st.builds(
        lambda local, minutes, authorised: a_mark_said(
            minutes=minutes, more={"pupil": {"local": local}, "authorised": authorised}
        ),
        CELL, st.integers(1, 480), st.booleans(),
    ),
    st.builds(
        lambda local, actions: said(
            "school-reported",
            {"pupil": {"local": local}, "school": "25PL00", "kind": "light", "date": "2024-09-02", "actions": actions},
        ),
        CELL, CELL,
    ),
)  # fmt: skip
FIELDS = ("id", "time", "type", "source", "sequence")
DATA = ("pupil.local", "school", "date", "slot", "minutes", "state", "authorised", "kind", "actions")


def as_table(rows, separator, encoding):
    text = io.StringIO()
    table = csv.writer(text, delimiter=separator)
    table.writerow([*FIELDS, *DATA])
    for row in rows:
        data = {**row["data"], "pupil.local": row["data"]["pupil"]["local"]}
        values = [*(row.get(name) for name in FIELDS), *(data.get(name) for name in DATA)]
        table.writerow(
            [
                {True: "WAAR", False: "ONWAAR"}.get(one, one) if isinstance(one, bool) else one
                for one in values
            ]
        )
    return text.getvalue().encode(encoding)


@often
@given(
    st.lists(st.tuples(CELL, st.integers(0, 99), FACTS), min_size=1, max_size=6),
    st.sampled_from(";,\t"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans(),
)  # fmt: skip
def test_the_same_rows_are_the_same_in_every_format(given_rows, separator, encoding, packed):
    rows = [{**fact, "id": name, "sequence": sequence} for name, sequence, fact in given_rows]
    bodies = {
        NDJSON: b"\n".join(orjson.dumps(row) for row in rows),
        BATCH: json.dumps(rows).encode(),
        CSV: as_table(rows, separator, encoding),
    }
    meanings = []
    for media_type, body in bodies.items():
        read_rows = read(gzip.compress(body) if packed else body, media_type)
        meant = [examine_object(one.row.said) for one in read_rows]
        assert all(isinstance(one, Submission) for one in meant), meant
        meanings.append([(one.id, one.source, one.time, one.content_hash) for one in meant])
    singles = [read(orjson.dumps(row), SINGLE)[0].row.said for row in rows]
    meanings.append([(s.id, s.source, s.time, s.content_hash) for s in map(examine_object, singles)])
    assert meanings == [meanings[0]] * len(meanings)
    assert len(meanings[0]) == len(rows)
