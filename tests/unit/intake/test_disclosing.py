"""Whom a municipality may know, in which words it hears, and what a line of the processing log holds."""

from datetime import UTC, datetime, timedelta

import pytest

from aanwezig.chassis.sealing import Seal
from aanwezig.classifier.crossing import ToChain
from aanwezig.contracts.submissions import PupilRef
from aanwezig.intake.disclosing import Told, concerns
from aanwezig.intake.identities import Identities
from aanwezig.intake.processing import ForeignOperation, Line, Status
from aanwezig.intake.rights import Known
from support.notes import NotesCollection

PSEUDONYM = "ab" * 16
HERE, THERE = "25PL00", "16QW01"
LIES_IN = {HERE: "0637", THERE: "1916"}.get
NOW = datetime(2024, 9, 3, 8, tzinfo=UTC)


def home(town, *, stands=True):
    return {"at": 1, "numbered": False, "sequence": 0, "stands": stands, "home": town}


@pytest.mark.parametrize(
    ("known", "concerned"),
    [
        (None, False),
        (Known(), False),
        (Known(homes={"2010-01-01": home("0637")}), True),
        (Known(homes={"2010-01-01": home("1916")}), False),
        (Known(homes={"2010-01-01": home("0637"), "2020-01-01": home("1916")}), True),  # it moved away
        (Known(homes={"2010-01-01": home("0637", stands=False)}), False),  # it was taken back
        (Known(homes={"2010-01-01": home("")}), False),
        (Known(schools=frozenset({HERE})), True),
        (Known(schools=frozenset({THERE})), False),
        (Known(schools=frozenset({"99XX00"})), False),  # no longer registered
        (Known(schools=frozenset({THERE, HERE})), True),
        (Known(senders=("000000070000000025PL",)), False),  # spoke of no school
    ],
)
def test_a_child_is_a_municipalitys_by_residence_or_by_a_school_that_lies_there(known, concerned):
    assert concerns("0637", known, LIES_IN) is concerned


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told("told", PupilRef(number="123456782")), {"number": "123456782"}),
        (Told("told", PupilRef(local="7", oin="000000070000000025PL")), {"local": "7", "oin": "000000070000000025PL"}),
        (Told("withheld", PupilRef(number="123456782")), {"unknown": True}),
        (Told("unknown"), {"unknown": True}),
    ],
)  # fmt: skip
def test_what_is_withheld_is_said_as_what_nobody_knows(told, said):
    assert told.said(PSEUDONYM) == {"pseudonym": PSEUDONYM, **said}


def test_the_log_names_the_child_where_it_is_known():
    assert Told("withheld", PupilRef(number="123456782")).subject(PSEUDONYM) == b'{"number":"123456782"}'
    assert Told("unknown").subject(PSEUDONYM) == PSEUDONYM.encode()


async def test_intake_crosses_into_the_chain_as_the_classifier_does():
    kept, key = NotesCollection(), b"c" * 32
    identities = Identities(kept, Seal(b"n" * 32), remembered=1, chain_key=key)
    await identities.keep({PSEUDONYM: PupilRef(number="123456782")}, NOW)
    assert kept.documents[PSEUDONYM]["chain"] == ToChain(key).pupil(PSEUDONYM)


def a_line(outcome="told", **how):
    end = NOW + timedelta(milliseconds=5)
    return Line(b"t" * 16, "identities.tell", NOW, end, "urn:a:b", outcome, **how)


def test_a_line_has_the_fields_of_the_standard():
    foreign = ForeignOperation(b"f" * 16, b"o" * 8, "urn:nld:oin:00000099000000000637")
    line = a_line(subject=b"who", foreign_operation=foreign)
    assert len(line.operation_id) == 8
    assert line.operation_id != a_line().operation_id
    assert line.fields(b"sealed") == {
        "trace_id": b"t" * 16, "operation_id": line.operation_id, "status_code": 1, "name": "identities.tell",
        "start_time": NOW, "end_time": NOW + timedelta(milliseconds=5), "parent_operation_id": None,
        "foreign_operation": {
            "trace_id": b"f" * 16, "operation_id": b"o" * 8, "entity": "urn:nld:oin:00000099000000000637",
        },
        "resource": {"name": "aanwezig-intake"},
        "attributes": [
            {"key": "dpl.core.processing_activity_id", "value": "urn:a:b"},
            {"key": "aanwezig.outcome", "value": "told"},
            {"key": "dpl.core.data_subject_id", "value": b"sealed"},
        ],
    }  # fmt: skip
    assert Line.kept(line.fields(b"sealed"), b"who") == line


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("told", Status.OK), ("withheld", Status.OK), ("unknown", Status.OK), ("refused", Status.ERROR)],
)
def test_only_a_refused_attempt_is_an_error(outcome, status):
    assert a_line(outcome).status is status
