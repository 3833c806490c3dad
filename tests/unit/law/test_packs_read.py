"""A pack that is not right is refused, with file, line and reason: wrong files of every sort."""

import tomllib

import pytest

from aanwezig.law import data_files, shelf
from aanwezig.law.data_files import UnreadableRule
from aanwezig.law.toml_lines import lines_of

TEXT = shelf.built_in_files()["packs/nl-2024.toml"].decode()
FILE = "packs/nl-2024.toml"


def faults_of(raw: str | bytes, file: str = FILE) -> list[str]:
    return [
        str(fault) for fault in shelf.shelved({file: raw.encode() if isinstance(raw, str) else raw}).faults
    ]


def line_with(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def changed(found: str, instead: str) -> str:
    assert found in TEXT
    return TEXT.replace(found, instead, 1)


def test_the_pack_itself_is_right():
    assert faults_of(TEXT) == []
    assert faults_of(TEXT.replace("\n", "\r\n")) == []
    assert faults_of(b"\xef\xbb\xbf" + TEXT.encode()) == []


@pytest.mark.parametrize(
    ("found", "instead", "at", "says"),
    [
        ('version = "1"', 'version = "1"\ncolour = "red"', "colour", "colour: unknown"),
        ("late_adds = false", "late_adds = false\nlate_ads = true", "late_ads", "hours.late_ads: unknown"),
        ("late_adds = false", "late_adds = 0", "late_adds = 0", "hours.late_adds: not true or false"),
        ("late_adds = false", 'late_adds = "no"', "late_adds =", "hours.late_adds: not true or false"),
        ('version = "1"', "version = 1", "version = 1", "version: not text"),
        ("longest_lesson_hour = 60", "longest_lesson_hour = 60.0", "longest_", "not a whole number"),
        ('threshold = "16"', "threshold = 16", "threshold = 16", "crossing.threshold: not an exact number"),
        ('threshold = "16"', 'threshold = "1/0"', '"1/0"', "crossing.threshold: not an exact number"),
        ('threshold = "5"', 'threshold = "5.5"', '"5.5"', "late_report.threshold: 11/2 makes no sense: days are counted"),
        ('article = "Leerplichtwet', 'article = " " #', 'article = " "', "statutory.article: empty"),
        ('threshold = "16"', 'threshold = "1e9"', '"1e9"', "crossing.threshold: not an exact number"),
        ('threshold = "16"', 'threshold = "-16"', '"-16"', "crossing.threshold: not an exact number"),
        ('operator = ">="', 'operator = "=>"', '"=>"', "crossing.operator: not one of >=, >, <"),
        ('["po", "sbo", "so"]', '["po", "gym"]', '"gym"', "hours.clock_hour_school_types[1]: not one of"),
        ("[3, 6, 9, 12, 15, 30, 61]", "3", "rungs = 3", "lateness.rungs: not a list"),
        ("window_days = 28", 'window_days = "month"', '"month"', 'a whole number and not "school-year"'),
        ('counted_slots = "any"', "counted_slots = 1", "counted_slots = 1", 'not a list and not "any"'),
        ("valid_from = 2000-01-01", 'valid_from = "2000-01-01"', "valid_from", "valid_from: not a date"),
        ("valid_from = 2000-01-01", "valid_from = 2000-01-01T00:00:00", "valid_from", "valid_from: not a date"),
        # what can be read and makes no sense
        ('threshold = "16"', 'threshold = "0"', 'threshold = "0"', "crossing.threshold: 0 makes no sense"),
        ("window_days = 28", "window_days = 0", "window_days = 0", "crossing.window_days: 0 makes no sense"),
        ("window_days = 28", "window_days = -28", "window_days = -28", "-28 makes no sense"),
        ('operator = ">="', 'operator = "<"', 'operator = "<"', "crossing.operator: a threshold is reached from below"),
        ("[3, 6, 9, 12, 15, 30, 61]", "[3, 6, 9, 9, 15]", "rungs", "lateness.rungs[3]: 9 does not rise above 9"),
        ("[3, 6, 9, 12, 15, 30, 61]", "[3, 6, 5]", "rungs", "lateness.rungs[2]: 5 does not rise above 6"),
        ("[3, 6, 9, 12, 15, 30, 61]", "[0, 6]", "rungs", "lateness.rungs[0]: 0 makes no sense"),
        ("[3, 6, 9, 12, 15, 30, 61]", "[]", "rungs", "lateness.rungs: a ladder without rungs"),
        ("further = []", 'further = ["30"]', "further", "a sum that starts anew never reaches"),
        ("starts_anew = true", "starts_anew = false", "starts_anew = false", 'asks window_days = "school-year"'),
        ("longest_lesson_hour = 60", "longest_lesson_hour = 481", "longest_", "no lesson is longer than 480"),
        ('counted_slots = "any"', 'counted_slots = ["noon"]', '"noon"', "counted_slots[0]: no such slot: noon"),
        ('counted_slots = "any"', "counted_slots = []", "counted_slots", "no mark would count"),
        ('"thuiszitter@zoetermeer-2024"', '"thuiszitter@atlantis"', "thuiszitter@atlantis", "no such definition"),
        ('"statutory", ', '"statutory", "truancy", ', '"truancy"', "kinds[1]: no such kind: truancy"),
        ('municipality = "any"', 'municipality = "637"', '"637"', "municipality: '637' is no CBS code"),
        ('valid_until = "open"', "valid_until = 1999-12-31", "1999-12-31", "is before valid_from 2000-01-01"),
        ("age = 27", "age = 17", "age = 17", "eighteen_plus_until_birthday[1].age: 17 is below"),
        ("from = 2026-01-01", "from = 1900-01-01", "age = 27", "[1].from: 1900-01-01 is not after 1900-01-01"),
        ("from = 1900-01-01", "from = 2010-01-01", "eighteen_plus_until", "says nothing of 2000-01-01"),
        ("of_birthday = 16", "of_birthday = 5", "ends_after_school_year", "ends before it starts"),
        ("qualification_until_birthday = 18", "qualification_until_birthday = 15", "qualification_until", "ends before"),
        ('"havo", "vwo"', '"havo", "havo"', "qualifications", "obligation.qualifications: says something twice"),
        ('id = "nl-2024"', 'id = "nl-2025"', "nl-2025", "id: the file is named for nl-2024"),
        ('base = "none"', 'base = "nl-1969"', "nl-1969", "base: nl-1969 is no pack"),
        ('base = "none"', 'base = "nl-2024"', "base =", "base: in a circle: nl-2024 > nl-2024"),
        # every value has a source
        ('hours = "K3b', '"hours.late_adds" = "K3b', "clock_hour", "clock_hour_school_types: no source"),
        ('hours = "K3b', 'colour = "K3b', "colour", "sources.colour: the source of nothing"),
        ('hours = "K3b', 'hours = "" #', 'hours = ""', "sources.hours: not text"),
        ('hours = "K3b', 'hours.late_adds = "K3b', "hours.late_adds", "a name with dots stands in quotes"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_file_line_and_reason(found, instead, at, says):
    text = changed(found, instead)
    faults = faults_of(text)
    place = f"{FILE}:{line_with(text, at)}: "
    assert [fault for fault in faults if fault.startswith(place) and says in fault] != [], faults


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"window_days = 28": 'window_days = "school-year"', "same_school_year = true": "same_school_year = false"},
            ['crossing.same_school_year: false, with window_days = "school-year"'],
        ),
        ({'unit = "hours"': 'unit = "times"'}, ["light.unit: hours, and the crossing is in times"]),
        ({'operator = "<"': 'operator = ">="'}, ["light.operator: what is light lies below a threshold: <"]),
        ({'operator = ">="\nunit = "times"': 'operator = ">"\nunit = "times"'}, ["lateness.operator: a rung is reached"]),
        (
            {"further = []": 'further = ["30", "20"]', "window_days = 28": 'window_days = "school-year"',
             "starts_anew = true": "starts_anew = false"},
            ["crossing.further[1]: 20 does not rise above 30"],
        ),
        (
            {"further = []": 'further = ["16"]', "window_days = 28": 'window_days = "school-year"',
             "starts_anew = true": "starts_anew = false"},
            ["crossing.further[0]: 16 does not rise above 16"],
        ),
        (
            {'    "statutory", "eighteen-plus", "lateness", "luxury", "light", "long-term", "home-sitter", "absolute", "sickness",\n': "",
             '    "late-report", "silent-feed", "returned", "presence-restored",\n': ""},
            ["kinds: a pack that finds nothing"],
        ),
    ],
)  # fmt: skip
def test_values_that_make_no_sense_together(changes, says):
    text = TEXT
    for found, instead in changes.items():
        assert found in text
        text = text.replace(found, instead, 1)
    faults = [fault.split(": ", 1)[1] for fault in faults_of(text)]
    assert len(faults) == len(says), faults
    assert [said for said, fault in zip(says, faults, strict=True) if not fault.startswith(said)] == []


@pytest.mark.parametrize(
    ("found", "place", "says"),
    [
        ('version = "1"\n', 1, "version: missing"),  # at the top of the file: of a table that is the file
        ("window_days = 28\n", "[crossing]", "crossing.window_days: missing"),
        ("from = 1900-01-01, ", "age = 23", "obligation.eighteen_plus_until_birthday[0].from: missing"),
    ],
)
def test_what_is_missing_is_told_at_the_table_that_lacks_it(found, place, says):
    text = changed(found, "")
    line = place if isinstance(place, int) else line_with(text, place)
    assert [fault for fault in faults_of(text) if fault == f"{FILE}:{line}: {says}"] != []


def test_all_faults_of_a_file_are_told_in_order():
    text = changed("late_adds = false", "late_adds = 0").replace("rungs = [3,", "rungs = [false,", 1)
    text = text.replace("[light]", 'colour = "red"\n[light]', 1)
    places = [fault.split(": ", 2)[1] for fault in faults_of(text)]
    assert places == ["hours.late_adds", "lateness.rungs[0]", "lateness.colour"]


@pytest.mark.parametrize(
    ("raw", "line", "says"),
    [
        (b"", 1, "empty"),
        (b" \n\n", 1, "empty"),
        (b'id = "x"\nname = "caf\xe9"\n', 2, "not UTF-8"),
        (b"\xff\xfei\x00d\x00", 1, "not UTF-8"),
        (b'id = "x"\n[light\n', 2, "no TOML: Expected ']'"),
        (b'id = "x"\nversion = \n', 2, "no TOML: Invalid value"),
        (b'id = "x"\n\nid = "y"\n', 3, "no TOML: Cannot overwrite a value"),
        (b'id = "x"\nrungs = [1,\n2', 3, "no TOML:"),
        (b'id = "x"\nname = """never\nclosed', 3, "no TOML:"),
        (b"valid_from = 2024-02-30\n", 1, "no TOML: Invalid date"),
        (b"\x00\x01\x02", 1, "no TOML"),
        (b"a = " + b"[" * 20_000, 1, "no TOML"),
        (b"a = " + b"9" * 5_000, 1, "no TOML"),
        (b"# " + b"x" * 70_000, 1, "larger than 32,768 bytes"),
        (b"<html>\n<body>", 1, "no TOML"),
    ],
)  # fmt: skip
def test_what_is_no_toml_is_refused_with_its_line(raw, line, says):
    (fault,) = faults_of(raw)
    assert fault.startswith(f"{FILE}:{line}: "), fault
    assert says in fault


def test_a_table_that_is_none_is_refused():
    text = changed('valid_until = "open"', 'valid_until = "open"\nlight = 1').split("[light]")[0]
    assert f"{FILE}:{line_with(text, 'light = 1')}: light: not a table" in faults_of(text)


def test_a_definition_is_read_as_strictly():
    text = 'name = "thuiszitter@x"\narticle = "none"\nbeside = []\nstreak = "none"\n'
    said = data_files.document(text.encode(), "definitions/y.toml")
    with pytest.raises(UnreadableRule) as refused:
        shelf.read_definition(said, "y")
    assert [str(fault) for fault in refused.value.faults] == [
        "definitions/y.toml:1: name: the file is named for thuiszitter@y",
        "definitions/y.toml:3: beside: a definition has a streak of its own or stands beside other kinds: one of the two",
    ]


def test_a_long_list_is_told_at_its_first_line_and_takes_no_minutes():
    text = 'id = "x"\nrungs = [\n' + "1,\n" * 9_000 + "]\nwrong = 1\n"
    index = lines_of(text)
    assert (index["rungs", 8_000], index["wrong",]) == (2, 9_004)


def test_lines_are_found_in_any_form_of_toml():
    text = """
# a comment
"quoted key" = 1
a.b.c = 2
list = [
    1, # the first
    2, 3,
    { x = 4 },

    5,
]
text = '''
looks.like = "a key"
[and a table]
'''

[table] # with a comment
inline = { one = 1, two = { three = 3 } }
 indented = [[1],
  [2]]

[table."sub.table"]
x = 1
[[rows]]
x = 1
[rows.deep]
y = 1
[[rows]]
x = 2
"""
    index = lines_of(text)
    expected = {
        ("quoted key",): 3, ("a", "b", "c"): 4, ("a",): 4, ("list",): 5, ("list", 0): 6, ("list", 1): 7, ("list", 2): 7,
        ("list", 3): 8, ("list", 3, "x"): 8, ("list", 4): 10, ("text",): 12, ("table",): 17,
        ("table", "inline", "two", "three"): 18, ("table", "indented", 0): 19, ("table", "indented", 1): 20,
        ("table", "sub.table"): 22, ("table", "sub.table", "x"): 23, ("rows", 0): 24, ("rows", 0, "x"): 25,
        ("rows", 0, "deep", "y"): 27, ("rows", 1): 28, ("rows", 1, "x"): 29,
    }  # fmt: skip
    assert {path: index.get(path) for path in expected} == expected
    assert not {("looks",), ("and a table",)} & set(index)
    assert set(tomllib.loads(text)) == {path[0] for path in index if path}
