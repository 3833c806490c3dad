"""`aanwezig packs`: lint says what is wrong and where; diff says what another pack would find."""

import json

import pytest
from click.testing import CliRunner

from aanwezig.cli.main import main
from aanwezig.cli.parameters import PACK_FROM
from aanwezig.law import shelf

SOURCE = "urn:nld:oin:000000070000000025PL:systeem:test"
NATIONAL = shelf.built_in_files()["packs/nl-2024.toml"].decode()
OWN = """id = "own"
version = "1"
base = "nl-2024"
municipality = "0637"
valid_from = 2024-08-01
valid_until = "open"
not_carried = []
[crossing]
threshold = "12"
[light]
threshold = "12"
[sources]
crossing = "the council of 2024"
light = "the council of 2024"
"""


def ask(*arguments):
    return CliRunner().invoke(main, ["packs", *map(str, arguments)])


@pytest.fixture
def file_of(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def facts(file_of):
    def write(hours, *, absent_days=0):
        """A lesson missed on each of so many slots of four a day, and all of two lessons on so many days of October."""
        days = [(f"2024-09-{2 + number // 4:02}", f"lesson-{number % 4 + 1}") for number in range(hours)]
        days += [(f"2024-10-{number + 1:02}", "lesson-1") for number in range(absent_days)]
        calendar = {
            "school": "25PL00", "from": "2024-08-01", "until": "2025-07-31", "weekdays": [1, 2, 3, 4, 5, 6, 7],
        }  # fmt: skip
        rows = [an_event("calendar-recorded", "calendar", "2024-08-01", calendar)]
        for on, slot in days:
            data = {
                "pupil": {"local": "p1"}, "school": "25PL00", "date": on, "slot": slot, "minutes": 60,
                "state": "absent", "authorised": False,
            }  # fmt: skip
            rows.append(an_event("mark-recorded", f"{on}-{slot}", on, data))
        return file_of("facts.ndjson", "\n".join(map(json.dumps, rows)))

    return write


def an_event(name, event_id, on, data):
    return {
        "specversion": "1.0", "id": event_id, "source": SOURCE, "type": f"nl.attendance.{name}.v1",
        "time": f"{on}T16:00:00Z", "data": data,
    }  # fmt: skip


class TestLint:
    def test_what_is_shipped_is_sound(self):
        result = ask("lint")
        assert (result.exit_code, result.stdout) == (0, "sound: packs 5, definitions 3\n")

    def test_a_file_is_looked_at_beside_the_shipped_ones(self, file_of):
        result = ask("lint", file_of("own.toml", OWN))
        assert (result.exit_code, result.stdout) == (0, "sound: packs 1, definitions 0\n")

    def test_each_fault_is_one_line_with_file_line_and_reason(self, file_of):
        wrong = file_of(
            "own.toml", OWN.replace('"12"', "12", 1).replace("[sources]", 'colour = "red"\n[sources]')
        )
        result = ask("lint", wrong)
        assert result.exit_code == 1
        assert [line.removeprefix(f"{wrong}:") for line in result.stdout.splitlines()] == [
            '9: crossing.threshold: not an exact number in quotes, such as "16", "7.5" or "1/3"',
            "12: light.colour: unknown",
        ]

    def test_a_file_with_the_name_of_a_shipped_pack_stands_in_its_place(self, file_of):
        assert ask("lint", file_of("nl-2024.toml", NATIONAL)).exit_code == 0
        result = ask("lint", file_of("nl-2024.toml", NATIONAL.replace('"16"', "16", 1)))
        assert result.exit_code == 1
        # The packs that stand on it fall with it, and say so.
        assert "packs/deventer-2022.toml:6: base: nl-2024 is refused itself" in result.stdout

    def test_a_definition_is_checked_as_one(self, file_of):
        good = 'name = "thuiszitter@ours"\narticle = "ours"\nbeside = ["absolute"]\nstreak = "none"\n'
        assert ask("lint", file_of("ours.toml", good)).stdout == "sound: packs 0, definitions 1\n"
        result = ask("lint", file_of("ours.toml", good.replace('["absolute"]', "[]")))
        assert result.exit_code == 1
        assert "ours.toml:3: beside: a definition has" in result.stdout

    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [("own.toml", b"\xff", "own.toml:1: not UTF-8"), ("own.toml", b"", "own.toml:1: empty")],
    )
    def test_a_file_that_is_none_is_said_too(self, file_of, name, content, says):
        result = ask("lint", file_of(name, content))
        assert result.exit_code == 1
        assert says in result.stdout

    def test_wrong_usage(self, file_of):
        assert ask("lint", file_of("own.txt", OWN)).exit_code == 2
        assert ask("lint", "no-such-file.toml").exit_code == 2
        assert ask("lint", "-").exit_code == 2


class TestDiff:
    def test_a_lower_threshold_raises_one(self, file_of, facts):
        result = ask(
            "diff", "nl-2024", file_of("own.toml", OWN), "--facts", facts(13), "--as-of", "2025-07-31"
        )
        appears, summary = result.stdout.splitlines()
        assert result.exit_code == 0
        assert appears == (
            'appears   statutory 1, 2024-2025, 25PL00, {"local":"p1"}: 2024-09-04 12.00 >= 12.00 hours'
        )
        assert summary == (
            "nl-2024 version 1 > own version 1, as of 2025-07-31: appears 1, vanishes 0, changes 0, the same 1"
        )  # the school was silent afterwards, under either

    def test_the_other_way_round_it_vanishes(self, file_of, facts):
        result = ask(
            "diff", file_of("own.toml", OWN), "nl-2024", "--facts", facts(13), "--as-of", "2025-07-31"
        )
        assert result.stdout.startswith("vanishes  statutory 1, 2024-2025")

    def test_the_same_finding_at_another_date_and_sum_changes(self, file_of, facts):
        result = ask(
            "diff", "nl-2024", file_of("own.toml", OWN), "--facts", facts(20), "--as-of", "2025-07-31"
        )
        assert result.stdout.splitlines()[0] == (
            'changes   statutory 1, 2024-2025, 25PL00, {"local":"p1"}: '
            "2024-09-05 16.00 >= 16.00 hours > 2024-09-04 12.00 >= 12.00 hours"
        )

    def test_the_pack_alone_is_no_difference(self, facts):
        result = ask("diff", "nl-2024", "deventer-2022", "--facts", facts(20), "--as-of", "2025-07-31")
        assert "appears 0, vanishes 0, changes 0" in result.stdout
        assert result.exit_code == 0

    def test_twenty_eight_days_are_long_term_in_zoetermeer_alone(self, facts):
        told = facts(0, absent_days=28)
        result = ask(
            "diff", "nl-2024", "zoetermeer-2024", "--facts", told, "--as-of", "2024-12-31", "--json",
        )  # fmt: skip
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [(row["difference"], row["after"]["kind"]) for row in rows if row["after"]] == [
            ("appears", "long-term")
        ]
        assert rows[0]["finding"] == rows[0]["after"]["finding"]
        assert (rows[0]["before"], rows[0]["changed"]) == (None, [])

    def test_a_change_names_the_fields_that_differ(self, file_of, facts):
        result = ask(
            "diff", "nl-2024", file_of("own.toml", OWN), "--facts", facts(20), "--as-of", "2025-07-31", "--json",
        )  # fmt: skip
        (row,) = [json.loads(line) for line in result.stdout.splitlines()]
        assert row["difference"] == "changes"
        assert {"at", "measured", "counted"} <= set(row["changed"])
        assert row["before"]["rule"]["pack"] == "nl-2024"

    def test_another_article_is_a_change_that_is_named(self, file_of, facts):
        other = NATIONAL.replace(
            'article = "Leerplichtwet 1969, art. 21a"\nobl', 'article = "another"\nobl', 1
        )
        path = file_of("other.toml", other.replace('id = "nl-2024"', 'id = "other"'))
        result = ask("diff", "nl-2024", path, "--facts", facts(16), "--as-of", "2025-07-31")
        assert result.stdout.splitlines()[0].endswith("16.00 >= 16.00 hours; other article")

    def test_one_definition_for_both(self, facts):
        told = facts(0, absent_days=29)
        both = ("diff", "nl-2024", "deventer-2022", "--facts", told, "--as-of", "2024-12-31")
        assert "appears 1, vanishes 1" in ask(*both).stdout  # a home-sitter by either definition
        assert "appears 0, vanishes 0" in ask(*both, "--definition", "deventer-2022").stdout

    def test_refused_rows_go_to_stderr_and_the_rest_is_compared(self, file_of, facts):
        good = facts(16).read_text()
        path = file_of("facts.ndjson", f"not json\n{good}")
        result = ask("diff", "nl-2024", "nl-2024", "--facts", path, "--as-of", "2025-07-31")
        assert result.exit_code == 1
        assert result.stderr.split("\t")[1:4] == ["1", "-", "not-json"]
        assert result.stdout.endswith("the same 2\n")

    def test_without_a_date_it_is_today(self, facts):
        assert "the same 2" in ask("diff", "nl-2024", "nl-2024", "--facts", facts(16)).stdout

    def test_a_pack_that_is_refused_is_at_fault_and_an_unknown_one_wrong_usage(self, file_of, facts):
        refused = ask("diff", "nl-2024", file_of("own.toml", "no toml"), "--facts", facts(1))
        assert refused.exit_code == 1
        assert "own.toml:1: no TOML" in refused.stderr
        unknown = ask("diff", "nl-2024", "nl-1969", "--facts", facts(1))
        assert unknown.exit_code == 2
        assert "Known: deventer-2022, en-2024, nl-2024" in unknown.stderr
        assert ask("diff", "nl-2024", "nl-2024").exit_code == 2


class TestAnInstallationWithPacksOfItsOwn:
    @pytest.fixture(autouse=True)
    def folder(self, file_of, monkeypatch):
        path = file_of("packs/own.toml", OWN)
        monkeypatch.setenv("AANWEZIG_PACKS", str(path.parent))
        return path

    def test_they_are_checked_with_the_shipped_ones(self, folder):
        assert ask("lint").stdout == "sound: packs 6, definitions 3\n"
        folder.write_text(OWN.replace('"12"', "12", 1))
        result = ask("lint")
        assert result.exit_code == 1
        assert result.stdout.startswith(f"{folder}:9: crossing.threshold: ")

    def test_they_are_known_by_name(self, facts):
        result = ask("diff", "nl-2024", "own", "--facts", facts(13), "--as-of", "2025-07-31")
        assert "appears 1" in result.stdout

    def test_a_municipality_may_choose_them(self):
        assert PACK_FROM.convert("own", None, None) == ("own", "2024-08-01")
        assert PACK_FROM.convert("own=2025-08-01", None, None) == ("own", "2025-08-01")

    def test_a_folder_that_is_not_there_is_wrong_usage(self, monkeypatch, folder):
        monkeypatch.setenv("AANWEZIG_PACKS", str(folder / "nowhere"))
        result = ask("lint")
        assert result.exit_code == 2
        assert "AANWEZIG_PACKS" in result.stderr
