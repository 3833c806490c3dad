"""Every finding of the law proves itself, and says which part was changed when one was."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aanwezig.cli.offline import Facts
from aanwezig.contracts.submissions import PupilRef
from aanwezig.law import packs
from aanwezig.law.verify import against, from_itself
from support.streams import streams
from support.streams.notebook import MUNICIPALITIES, SCHOOLS, sender_of, town_of
from support.submitted import NUMBER, a_mark_said, said

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
DEFINITIONS = ("zoetermeer-2024", "deventer-2022", "ocw-2016")
PACK = packs.load("nl-2024")
OINS = [source.split(":")[3] for source in (*map(sender_of, SCHOOLS), *map(town_of, MUNICIPALITIES))]
"""Who may have named a pupil of a stream by a local id."""


def findings(events, as_of, definition=None):
    facts = Facts()
    for event in events:
        assert facts.take(json.dumps(event).encode()) == [], event
    return facts.findings(PACK, as_of, definition)


def verdict(finding):
    pupil = finding["pupil"]
    if pupil is None:
        pupils = [None]
    elif "number" in pupil:
        pupils = [PupilRef(number=pupil["number"]).text]
    else:
        pupils = [PupilRef(local=pupil["local"], oin=oin).text for oin in OINS]
    named = finding.get("definition")
    return from_itself(finding, pack=PACK, definition=named and packs.definition(named), pupils=pupils)


@settings(CALM, max_examples=40)
@given(stream=streams(), definition=st.sampled_from(DEFINITIONS))
def test_what_the_law_finds_holds_from_its_own_evidence(stream, definition):
    for finding in findings(stream.events, stream.as_of, definition):
        assert verdict(finding) is None, finding


def sixteen_hours():
    rows = [
        a_mark_said(id=f"a-{day}-{lesson}", slot=f"lesson-{lesson}", more={"date": f"2024-09-{day:02}", "authorised": False})
        for day in (2, 3, 4, 5)
        for lesson in range(1, 5)
    ]  # fmt: skip
    rows += [
        a_mark_said(id="excused", slot="lesson-7", more={"date": "2024-09-03", "authorised": True}),
        said("person-recorded", {"pupil": {"number": NUMBER}, "birth_date": "2010-03-15"}, id="born"),
    ]
    return [{**row, "time": "2024-09-05T16:00:00Z"} for row in rows]


@pytest.fixture
def statutory():
    (finding,) = [one for one in findings(sixteen_hours(), date(2024, 9, 5)) if one["kind"] == "statutory"]
    assert verdict(finding) is None
    return finding


def changed(finding, path, value):
    """The finding with another value at a path of keys and places."""
    copy = json.loads(json.dumps(finding))
    *way, last = path
    inner = copy
    for step in way:
        inner = inner[step]
    inner[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value", "part"),
    [
        (("finding",), "0" * 32, "finding"),
        (("ordinal",), 2, "finding"),
        (("school",), "16QW01", "finding"),
        (("school_year",), "2023-2024", "school_year"),
        (("at",), "2024-09-04", "at"),
        (("rule", "version"), "999", "rule.version"),
        (("rule", "id"), "lateness", "rule.id"),
        (("rule", "article"), "art. 1", "rule.article"),
        (("obligation",), "none", "obligation"),
        (("measured", "threshold"), "15.00", "measured.threshold"),
        (("measured", "operator"), ">", "measured.operator"),
        (("measured", "unit"), "days", "measured.unit"),
        (("measured", "exact"), "17", "measured.exact"),
        (("measured", "value"), "16.01", "measured.value"),
        (("counted", 3, "hours"), "2.00", "counted, row 4, hours"),
        (("counted", 3, "exact"), None, "counted, row 4, exact"),
        (("counted", 3, "date"), "2024-09-01", "counted, row 4"),
        (("counted", 15, "date"), "2024-09-06", "at"),
        (("not_counted", 0, "slot"), "lesson-1", "not_counted, row 1"),
        (("window", "from"), "2024-08-10", "window.from"),
        (("window", "until"), "2024-09-06", "window.until"),
        (("about",), "0" * 32, "about"),
    ],
)
def test_one_change_is_named(statutory, path, value, part):
    assert verdict(changed(statutory, path, value)).part == part


def test_an_hour_changed_with_its_text_is_found_in_the_sum(statutory):
    other = changed(statutory, ("counted", 0, "hours"), "2.00")
    assert verdict(changed(other, ("counted", 0, "exact"), "2")).part == "measured.exact"


def test_a_sum_below_the_threshold_does_not_hold(statutory):
    short = changed(statutory, ("counted",), statutory["counted"][1:])
    short = changed(changed(short, ("measured", "exact"), "15"), ("measured", "value"), "15.00")
    assert verdict(short).part == "measured.value"


def test_a_mark_added_in_front_shows_that_the_threshold_was_reached_earlier(statutory):
    row = {**statutory["counted"][0], "slot": "morning"}
    more = changed(statutory, ("counted",), [row, *statutory["counted"]])
    more = changed(changed(more, ("measured", "exact"), "17"), ("measured", "value"), "17.00")
    assert verdict(more).part == "at"


def test_a_counted_mark_outside_the_window_does_not_hold(statutory):
    early = changed(statutory, ("counted", 0, "date"), "2024-08-08")
    assert verdict(early).part == "counted, row 1"


def test_with_the_facts_the_first_other_part_is_named(statutory):
    assert against(statutory, statutory) is None
    assert against(changed(statutory, ("municipality",), "0637"), statutory).part == "municipality"
    assert against(changed(statutory, ("counted", 2, "fact"), "x"), statutory).part == "counted, row 3"
    assert against(changed(statutory, ("counted",), []), statutory).part == "counted, number of rows"
    assert against(statutory, None).part == "finding"
