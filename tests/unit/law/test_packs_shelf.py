"""Bases, versions and validity of packs; the last good one stays."""

import pytest

from aanwezig.law import shelf
from aanwezig.law.data_files import NoSuchRule, UnreadableRule
from aanwezig.law.shelf import Shelf

BUILT_IN = shelf.built_in_files()
NATIONAL = BUILT_IN["packs/nl-2024.toml"].decode()


def a_pack(
    name="own", *, version="1", base="nl-2024", since="2024-08-01", until='"open"', rest="", sources=""
):
    """A file on top of another one."""
    return (
        f'id = "{name}"\nversion = "{version}"\nbase = "{base}"\nmunicipality = "any"\nvalid_from = {since}\n'
        f"valid_until = {until}\nnot_carried = []\n{rest}\n[sources]\n{sources}\n"
    )


STRICT = a_pack(
    rest='[crossing]\nthreshold = "10"', sources='"crossing.threshold" = "the council of 2024"'
).replace("[sources]", '[light]\nthreshold = "10"\narticle = "as the crossing"\n[sources]')


def shelved(before: Shelf | None = None, **files: str) -> Shelf:
    """The shipped packs and these: `own__2` is the file `own@2.toml`, `a_b` is `a-b.toml`."""
    named = {
        f"{name.replace('__', '@').replace('_', '-')}.toml": text.encode() for name, text in files.items()
    }
    return shelf.shelved({**BUILT_IN, **named}, before=before)


def faults_of(**files: str) -> list[str]:
    return [str(fault) for fault in shelved(**files).faults]


def test_what_a_pack_does_not_say_its_base_says():
    pack = shelved(own=STRICT).pack("own")
    national = shelf.built_in().pack("nl-2024")
    assert (pack.crossing.threshold, pack.light.threshold) == (10, 10)
    assert (pack.crossing.window_days, pack.hours, pack.lateness) == (28, national.hours, national.lateness)
    assert (pack.base, pack.not_carried, sorted(pack.sources)) == ("nl-2024", (), ["crossing.threshold"])


def test_a_base_may_have_a_base():
    top = a_pack("top", base="own", rest="[hours]\nlate_adds = true", sources='hours = "the council of 2025"')
    pack = shelved(own=STRICT, top=top).pack("top")
    assert (pack.crossing.threshold, pack.hours.late_adds, pack.lateness.rungs[0]) == (10, True, 3)


def test_what_is_overridden_without_a_source_is_refused_and_a_source_of_nothing_too():
    bare = a_pack(rest='[crossing]\nthreshold = "12"', sources='"lateness.rungs" = "nobody"')
    assert faults_of(own=bare) == [
        'own.toml:9: crossing.threshold: no source: add "crossing.threshold" to [sources], or an article beside it',
        "own.toml:11: sources.lateness.rungs: the source of nothing that this file says",
        # 16 is said by the base, 12 here: together they make no sense
        "packs/nl-2024.toml:{}: light.threshold: 16 would call light what has crossed 12 (said by the base of own.toml)"
        .format(NATIONAL[: NATIONAL.index('operator = "<"\nthreshold')].count("\n") + 2),
    ]  # fmt: skip


def test_a_base_that_is_missing_refused_or_stands_on_itself():
    assert faults_of(own=a_pack(base="nl-1969"))[0].startswith(
        "own.toml:3: base: nl-1969 is no pack; known: "
    )
    assert faults_of(own=a_pack(base="top"), top=a_pack("top", base="own")) == [
        "own.toml:3: base: in a circle: own > top > own",
        "top.toml:3: base: in a circle: top > own > top",
    ]
    broken = a_pack(rest="[crossing]\nthreshold = 12", sources='crossing = "x"')
    assert (
        faults_of(own=broken, top=a_pack("top", base="own"))[1] == "top.toml:3: base: own is refused itself"
    )
    assert (
        faults_of(own="no toml", top=a_pack("top", base="own"))[1]
        == "top.toml:3: base: own is refused itself"
    )


def test_a_pack_does_not_outlive_its_base():
    assert faults_of(own=a_pack(until="2025-07-31"), top=a_pack("top", base="own", since="2024-07-31")) == [
        "top.toml:5: valid_from: before that of its base (own.toml:5)",
        "top.toml:6: valid_until: after that of its base (own.toml:6)",
    ]


class TestVersions:
    FIRST = a_pack(since="2022-08-01", until="2024-07-31")

    def test_they_follow_each_other(self):
        read = shelved(own=self.FIRST, own__2=a_pack(version="2"))
        assert read.faults == ()
        assert [(pack.version, str(pack.valid_from)) for pack in read.versions("own")] == [
            ("1", "2022-08-01"),
            ("2", "2024-08-01"),
        ]
        assert [pack.version for pack in read.versions("own@2")] == ["2"]
        assert read.version("own", "2") == read.pack("own@2")
        with pytest.raises(NoSuchRule, match="own version 3: not among"):
            read.version("own", "3")

    @pytest.mark.parametrize(
        ("since", "says"),
        [
            ("2024-07-31", "2024-07-31 overlaps the version until 2024-07-31 (own.toml:6)"),
            ("2022-08-01", "overlaps the version until"),
            ("2024-08-02", "2024-08-02 leaves a gap after the version until 2024-07-31 (own.toml:6)"),
        ],
    )
    def test_overlaps_and_gaps_are_refused_with_both_lines(self, since, says):
        (fault,) = faults_of(own=self.FIRST, own__2=a_pack(version="2", since=since))
        assert fault.startswith(("own@2.toml:5: valid_from: ", "own.toml:5: valid_from: "))
        assert says in fault

    def test_an_open_version_is_followed_by_none(self):
        (fault,) = faults_of(own=a_pack(), own__2=a_pack(version="2", since="2025-08-01"))
        assert "2025-08-01 overlaps the version until open (own.toml:6)" in fault

    def test_where_one_is_refused_none_is_used(self):
        read = shelved(own=self.FIRST, own__2=a_pack(version="2", since="2024-08-02"))
        assert "own" not in read.names()
        assert "own@2" not in read.names()
        with pytest.raises(UnreadableRule, match="leaves a gap"):
            read.pack("own@2")

    def test_a_file_has_the_name_of_its_version(self):
        assert faults_of(own__3=a_pack(version="2")) == ["own@3.toml:1: id: the file is named for own@3"]


class TestTheLastGoodOneStays:
    def test_a_pack_that_is_refused_now_is_that_which_was_read_last(self):
        good = shelved(own=STRICT)
        now = shelved(good, own=STRICT.replace('threshold = "10"', "threshold = 10", 1))
        assert now.pack("own") == good.pack("own")
        assert [str(fault).partition(":")[0] for fault in now.faults] == ["own.toml"]
        better = STRICT.replace('"10"', '"11"').replace('version = "1"', 'version = "2"')
        assert shelved(now, own=better).pack("own").crossing.threshold == 11

    def test_a_version_that_says_something_else_is_refused(self):
        good = shelved(own=STRICT)
        now = shelved(good, own=STRICT.replace('"10"', '"11"'))
        assert [str(fault) for fault in now.faults] == [
            "own.toml:2: version: version 1 said something else before: what changes is a new version"
        ]
        assert now.pack("own") == good.pack("own")

    def test_a_version_may_end_and_its_sources_may_be_told_better(self):
        good = shelved(own=STRICT)
        ended = STRICT.replace('"open"', "2025-07-31").replace("the council of 2024", "decision 12 of 2024")
        now = shelved(good, own=ended, own__2=a_pack(version="2", since="2025-08-01"))
        assert now.faults == ()
        assert [str(pack.valid_until) for pack in now.versions("own")] == ["2025-07-31", "None"]

    def test_all_versions_of_it_stay_and_what_stands_on_it_too(self):
        first = a_pack(since="2022-08-01", until="2024-07-31")
        good = shelved(
            own=first, own__2=a_pack(version="2"), top=a_pack("top", base="own@2", since="2024-09-01")
        )
        now = shelved(good, own=first, own__2="no toml", top=a_pack("top", base="own@2", since="2025-09-01"))
        assert [pack.version for pack in now.versions("own")] == ["1", "2"]
        assert str(now.pack("top").valid_from) == "2024-09-01"
        assert len(now.faults) == 2

    def test_a_pack_that_is_gone_is_gone(self):
        with pytest.raises(NoSuchRule, match="own: not among"):
            shelved(shelved(own=STRICT)).pack("own")

    def test_nobody_takes_the_place_of_a_shipped_pack(self):
        read = shelved(nl_2024=NATIONAL.replace('"16"', '"12"'))
        assert [str(fault) for fault in read.faults] == [
            "nl-2024.toml:1: there is already a packs/nl-2024.toml"
        ]
        assert read.pack("nl-2024").crossing.threshold == 16

    def test_a_wrong_version_of_a_shipped_pack_leaves_the_shipped_one(self):
        wrong = NATIONAL.replace('version = "1"', 'version = "2"')
        read = shelved(shelf.built_in(), nl_2024__2=wrong)
        assert "overlaps" in str(read.faults[0])
        assert read.pack("nl-2024") == shelf.built_in().pack("nl-2024")
        assert read.pack("zoetermeer-2024") == shelf.built_in().pack("zoetermeer-2024")
