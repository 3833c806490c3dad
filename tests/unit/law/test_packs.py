"""Packs are data, read strictly; which pack governs."""

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from importlib import resources

import pytest

from aanwezig.law import data_files, packs
from aanwezig.law.packs import ByMunicipality, Definition, OnePack, Pack

NL = packs.load("nl-2024")
TEXT = (resources.files("aanwezig.law") / "data" / "packs" / "nl-2024.toml").read_text(encoding="utf-8")


def test_the_numbers_of_the_national_pack():
    assert (NL.id, NL.version, NL.municipality, NL.valid_until) == ("nl-2024", "1", None, None)
    assert (NL.crossing.operator, NL.crossing.threshold, NL.crossing.window_days) == (">=", Fraction(16), 28)
    assert NL.lateness.rungs == (3, 6, 9, 12, 15, 30, 61)
    assert NL.home_sitter.definition == "thuiszitter@zoetermeer-2024"
    assert [(str(row.from_), row.age) for row in NL.obligation.eighteen_plus_until_birthday] == [
        ("1900-01-01", 23),
        ("2026-01-01", 27),
    ]


@pytest.mark.parametrize("name", data_files.names("packs"))
def test_every_shipped_pack_reads_and_is_named_as_its_file(name):
    pack = packs.load(name)
    assert pack.id == name
    assert packs.definition(pack.home_sitter.definition).name == pack.home_sitter.definition


@pytest.mark.parametrize("name", data_files.names("definitions"))
def test_every_shipped_definition_reads_and_is_named_as_its_file(name):
    assert packs.definition(name).name == f"thuiszitter@{name}"
    assert packs.definition(f"thuiszitter@{name}") == packs.definition(name)


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ('version = "1"\n', "", "packs/test.toml: version: missing"),
        ("window_days = 28\nsame", "same", "packs/test.toml: crossing.window_days: missing"),
        ('version = "1"', 'version = "1"\ncolour = "red"', "packs/test.toml: colour: unknown"),
        (
            "late_adds = false",
            "late_adds = false\nlate_ads = true",
            "packs/test.toml: hours.late_ads: unknown",
        ),
        ("late_adds = false", "late_adds = 0", "packs/test.toml: hours.late_adds: not a bool"),
        ("late_adds = false", 'late_adds = "no"', "packs/test.toml: hours.late_adds: not a bool"),
        ('version = "1"', "version = 1", "packs/test.toml: version: not a text"),
        ('threshold = "16"', "threshold = 16.0", "packs/test.toml: crossing.threshold: not an exact number"),
        ('threshold = "16"', 'threshold = "1/0"', "packs/test.toml: crossing.threshold: not an exact number"),
        ('operator = ">="', 'operator = "=>"', "packs/test.toml: crossing.operator: not one of >=, >, <"),
        (
            '["po", "sbo", "so"]',
            '["po", "gym"]',
            "packs/test.toml: hours.clock_hour_school_types[1]: not one of",
        ),
        ("[3, 6, 9, 12, 15, 30, 61]", "3", "packs/test.toml: lateness.rungs: not a list"),
        ("{ from = 1900-01-01, age = 23 }", "{ age = 23 }", "eighteen_plus_until_birthday[0].from: missing"),
        ("[light]", "[light", "packs/test.toml: "),
    ],
)
def test_a_pack_that_is_not_right_is_refused_with_file_and_key(found, instead, says):
    assert found in TEXT
    with pytest.raises(data_files.UnreadableRule, match=re.escape(says)):
        data_files.parsed(TEXT.replace(found, instead, 1), "packs/test.toml", Pack)


def test_a_table_that_is_none_is_refused():
    with pytest.raises(data_files.UnreadableRule, match=re.escape("test.toml: light: not a table")):
        data_files.parsed("light = 1\n" + TEXT.split("[light]")[0], "test.toml", Pack)


def test_an_unknown_name_is_refused():
    with pytest.raises(data_files.NoSuchRule, match=r"nl-1969: not among .*nl-2024"):
        packs.load("nl-1969")
    with pytest.raises(data_files.NoSuchRule):
        packs.load("../packs/nl-2024")


def test_a_pack_of_a_municipality_and_until_a_date():
    text = TEXT.replace('"any"', '"0637"').replace('"open"', "2025-07-31")
    pack = data_files.parsed(text, "test.toml", Pack)
    assert (pack.municipality, pack.valid_until) == ("0637", date(2025, 7, 31))


class TestByMunicipality:
    STRICT = replace(NL, id="strict")
    LATER = replace(NL, id="later")
    GOVERNANCE = ByMunicipality(
        NL,
        {"0637": [(date(2025, 1, 1), LATER), (date(2024, 8, 1), STRICT)]},
        {"25PL00": "0637", "16QW01": None},
    )

    @pytest.mark.parametrize(
        ("municipality", "school", "at", "pack"),
        [
            ("0637", None, "2024-07-31", "nl-2024"),  # before the first it chose
            ("0637", None, "2024-08-01", "strict"),
            ("0637", None, "2024-12-31", "strict"),
            ("0637", None, "2025-01-01", "later"),
            ("0150", "25PL00", "2025-01-01", "nl-2024"),  # residence goes before the school
            (None, "25PL00", "2025-01-01", "later"),  # unknown: the school's
            (None, "16QW01", "2025-01-01", "nl-2024"),
            (None, None, "2025-01-01", "nl-2024"),
        ],
    )
    def test_who_governs(self, municipality, school, at, pack):
        assert self.GOVERNANCE.pack_for(municipality, school, date.fromisoformat(at)).id == pack

    def test_every_pack_once(self):
        assert sorted(pack.id for pack in self.GOVERNANCE.packs) == ["later", "nl-2024", "strict"]


def test_one_pack_rules_everything_and_knows_no_schools():
    one = OnePack(NL)
    assert one.pack_for("0637", None, date(1990, 1, 1)) is NL
    assert one.school_municipality("25PL00") is None


def test_an_unknown_obligation_counts_as_leerplichtig():
    assert packs.concerns(("leerplichtig",), "unknown")
    assert not packs.concerns(("eighteen-plus",), "unknown")
    assert isinstance(packs.definition("zoetermeer-2024"), Definition)
