"""The shipped packs, and which pack governs whom."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from aanwezig.law import data_files, packs, shelf
from aanwezig.law.packs import ByMunicipality, Definition, OnePack, UnsoundChoice, chosen_by

NL = packs.load("nl-2024")


def test_the_numbers_of_the_national_pack():
    assert (NL.id, NL.version, NL.municipality, NL.valid_until) == ("nl-2024", "1", None, None)
    assert (NL.crossing.operator, NL.crossing.threshold, NL.crossing.window_days) == (">=", Fraction(16), 28)
    assert NL.lateness.rungs == (3, 6, 9, 12, 15, 30, 61)
    assert NL.home_sitter.definition == "thuiszitter@zoetermeer-2024"
    assert [(str(row.from_), row.age) for row in NL.obligation.eighteen_plus_until_birthday] == [
        ("1900-01-01", 23),
        ("2026-01-01", 27),
    ]


@pytest.mark.parametrize(
    ("operator", "threshold", "number"),
    [(">=", "10", 10), (">", "10", 11), (">=", "5/2", 3), (">", "5/2", 3)],
)
def test_the_least_whole_number_that_reaches_a_threshold(operator, threshold, number):
    limit = Fraction(threshold)
    assert packs.least(operator, limit) == number
    reaching = [packs.holds(Fraction(one), operator, limit) for one in (number - 1, number)]
    assert reaching == [False, True]


def test_all_shipped_packs_and_definitions_are_sound():
    assert shelf.built_in().faults == ()
    assert shelf.built_in().names() == (
        "deventer-2022",
        "en-2024",
        "nl-2024",
        "vl-discimus",
        "zoetermeer-2024",
    )


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
    ("name", "municipality", "since", "definition", "long_term"),
    [
        ("zoetermeer-2024", "0637", date(2024, 8, 1), "thuiszitter@zoetermeer-2024", ">="),
        ("deventer-2022", "0150", date(2022, 8, 1), "thuiszitter@deventer-2022", ">"),
    ],
)
def test_a_municipality_overrides_what_its_report_says_and_nothing_else(
    name, municipality, since, definition, long_term
):
    pack = packs.load(name)
    assert (pack.municipality, pack.valid_from, pack.base) == (municipality, since, "nl-2024")
    assert pack.home_sitter.definition == definition
    assert pack.long_term.streak.operator == long_term
    assert set(pack.sources) == {"home_sitter.definition", "long_term.streak.operator"}
    streak = replace(pack.long_term.streak, operator=NL.long_term.streak.operator)
    otherwise = replace(
        pack,
        home_sitter=replace(pack.home_sitter, definition=NL.home_sitter.definition),
        long_term=replace(pack.long_term, streak=streak),
    )
    own = {field: getattr(NL, field) for field in shelf.OWN}
    assert replace(otherwise, **own) == NL


def test_an_unknown_name_is_refused():
    with pytest.raises(data_files.NoSuchRule, match=r"nl-1969: not among .*nl-2024"):
        packs.load("nl-1969")
    with pytest.raises(data_files.NoSuchRule):
        packs.load("../packs/nl-2024")
    with pytest.raises(data_files.NoSuchRule, match="atlantis"):
        packs.definition("atlantis")


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

    @pytest.mark.parametrize(
        ("at", "version"),
        [("1999-12-31", "1"), ("2025-07-31", "1"), ("2025-08-01", "2"), ("2100-01-01", "2")],
    )
    def test_the_default_may_have_versions_too(self, at, version):
        first = replace(NL, valid_until=date(2025, 7, 31))
        second = replace(NL, version="2", valid_from=date(2025, 8, 1))
        governance = ByMunicipality((first, second), {}, {})
        assert governance.pack_for("0637", None, date.fromisoformat(at)).version == version
        assert {pack.version for pack in governance.packs} == {"1", "2"}


class TestWhatAMunicipalityChose:
    FIRST = replace(NL, id="own", valid_from=date(2022, 8, 1), valid_until=date(2024, 7, 31))
    SECOND = replace(NL, id="own", version="2", valid_from=date(2024, 8, 1), valid_until=date(2025, 7, 31))
    OPEN = replace(NL, id="open")
    OF_DEVENTER = replace(NL, id="deventer", municipality="0150")

    def asked(self, *rows, municipality="0637"):
        named = {"own": (self.FIRST, self.SECOND), "open": (self.OPEN,), "deventer": (self.OF_DEVENTER,)}
        told = [(name, date.fromisoformat(start)) for name, start in rows]
        chosen = chosen_by(municipality, told, named.__getitem__)
        return [(start.isoformat(), pack.id, pack.version) for start, pack in chosen]

    def test_each_version_holds_while_it_is_valid_and_each_choice_until_the_next(self):
        assert self.asked(("own", "2023-01-01"), ("open", "2025-08-01")) == [
            ("2023-01-01", "own", "1"),
            ("2024-08-01", "own", "2"),
            ("2025-08-01", "open", "1"),
        ]

    def test_a_version_outside_the_choice_is_not_among_them(self):
        assert self.asked(("own", "2024-08-01"), ("open", "2025-08-01"))[0] == ("2024-08-01", "own", "2")
        assert self.asked(("own", "2022-08-01"), ("open", "2024-08-01"))[1] == ("2024-08-01", "open", "1")

    def test_rows_stand_in_any_order(self):
        assert self.asked(("open", "2025-08-01"), ("own", "2024-09-01"))[0] == ("2024-09-01", "own", "2")

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            (
                [("open", "2024-08-01"), ("own", "2024-08-01")],
                ["packs[0] (open from 2024-08-01)", "overlaps", "packs[1]"],
            ),
            ([("own", "2022-07-31"), ("open", "2024-08-01")], ["packs[0]", "valid from 2022-08-01 on"]),
            ([("own", "2023-08-01")], ["packs[0]", "valid until 2025-07-31, and no row follows"]),
            (
                [("own", "2023-08-01"), ("open", "2025-08-02")],
                ["packs[0]", "a gap before packs[1] (open from 2025-08-02)"],
            ),
            ([("deventer", "2024-08-01")], ["packs[0]", "the pack of 0150, not of 0637"]),
        ],
    )
    def test_gaps_overlaps_and_others_packs_are_refused_with_both_rows(self, rows, says):
        with pytest.raises(UnsoundChoice) as refused:
            self.asked(*rows)
        assert [part for part in says if part not in str(refused.value)] == []

    def test_its_own_pack_it_may_choose(self):
        assert self.asked(("deventer", "2024-08-01"), municipality="0150") == [
            ("2024-08-01", "deventer", "1")
        ]

    def test_shipped_packs_are_known_and_unknown_ones_refused(self):
        assert [pack.id for _, pack in chosen_by("0637", [("zoetermeer-2024", date(2024, 8, 1))])] == [
            "zoetermeer-2024"
        ]
        with pytest.raises(data_files.NoSuchRule):
            chosen_by("0637", [("nl-1969", date(2024, 8, 1))])
        with pytest.raises(UnsoundChoice, match="valid from 2024-08-01 on"):
            chosen_by("0637", [("zoetermeer-2024", date(2024, 7, 31))])


def test_one_pack_rules_everything_and_knows_no_schools():
    one = OnePack(NL)
    assert one.pack_for("0637", None, date(1990, 1, 1)) is NL
    assert one.school_municipality("25PL00") is None


def test_an_unknown_obligation_counts_as_leerplichtig():
    assert packs.concerns(("leerplichtig",), "unknown")
    assert not packs.concerns(("eighteen-plus",), "unknown")
    assert isinstance(packs.definition("zoetermeer-2024"), Definition)
