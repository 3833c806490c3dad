"""Who may speak of whom: a pupil's school, the only one that spoke, a municipality; and an officer's leave."""

import pytest

from aanwezig.contracts.identifiers import municipality_source, school_source
from aanwezig.contracts.submissions import examine_object
from aanwezig.intake.reservations import Claim, Reserved
from aanwezig.intake.rights import MOST_NOTED, Rights
from aanwezig.intake.senders import Senders
from support.notes import NotesCollection
from support.submitted import NUMBER, a_mark_said, a_school_event, a_system_event, said

OURS, THEIRS = ("25PL", "25PL00"), ("16QW", "16QW01")
PUPIL = f"number:{NUMBER}"


def of(school, row):
    """The row as another school says it."""
    brin, place = school
    data = row["data"] | ({"school": place} if "school" in row["data"] else {})
    return row | {"source": school_source(brin), "data": data, "id": f"{brin}-{row['id']}"}


def a_mark(school=OURS, **how):
    return of(school, a_mark_said(**how))


def an_enrolment(school=OURS, *, since="2024-08-01", time="2024-09-01T10:00:00Z", id="enrolment", **data):  # noqa: A002
    fields = {"pupil": {"number": NUMBER}, "school": school[1], "school_type": "vo", "from": since, **data}
    return of(school, said("enrolment-recorded", fields, id=id, time=time))


def a_signal(school=OURS, **data):
    fields = {"pupil": {"number": NUMBER}, "signal": "family", "date": "2024-09-02", **data}
    return of(school, said("care-signalled", fields, id="signal"))


def taken_back(row, *, time="2024-09-03T10:00:00Z"):
    data = row["data"] | {"retracted": True}
    return row | {"id": f"{row['id']}-taken-back", "time": time, "data": data}


def a_leave(source, *, by="head", time="2024-09-01T10:00:00Z", **data):
    fields = {
        "pupil": {"number": NUMBER}, "school": "25PL00", "ground": "11g", "from": "2024-10-01", "until": "2024-10-04",
        "decided_by": by, **data,
    }  # fmt: skip
    return said("leave-granted", fields, source=source, time=time, id=f"leave-{by}-{time}-{bool(data)}")


class Desk:
    """Asks for rows as a system would, and reserves the ids of those that are allowed."""

    def __init__(self):
        self.senders = Senders()
        self.pupils, self.leaves = NotesCollection(), NotesCollection()
        self.rights = Rights(
            self.pupils, self.leaves, self.senders, key=b"k" * 32, pseudonym=lambda pupil: pupil.text
        )
        self.reserved = {}

    async def open(self):
        for name, source, schools in (
            ("ours", school_source("25PL"), ["25PL00", "25PL01"]),
            ("theirs", school_source("16QW"), ["16QW01"]),
            ("town", municipality_source("0637"), []),
        ):
            event = a_system_event(name, keys=(name,), schools=schools, source=source)
            await self.senders.on_change(f"system/{name}", event)
        await self.senders.on_change("school/25PL00", a_school_event())
        return self

    async def codes(self, system, *rows):
        told = [examine_object(row) for row in rows]
        assert not [one for one in told if isinstance(one, list)], told
        claims = [Claim(f"{one.source}/{one.id}", one.content_hash, "", "") for one in told]
        answers = await self.rights.refused(self.senders.by_key(system), told, claims, self.reserved)
        for claim, why in zip(claims, answers, strict=True):
            if not why:
                self.reserved[claim.key] = Reserved(claim.content, "", done=True)
        return [why[0].code.value if why else None for why in answers]

    @property
    def known(self):
        return self.pupils.documents.get(PUPIL)


@pytest.fixture
async def desk():
    return await Desk().open()


NOT_YOURS = "pupil-not-yours"


class TestPupils:
    async def test_the_first_school_speaks_without_an_enrolment_and_the_second_does_not(self, desk):
        assert await desk.codes("ours", a_mark()) == [None]
        assert await desk.codes("ours", a_mark(id="2")) == [None]
        assert await desk.codes("theirs", a_mark(THEIRS)) == [NOT_YOURS]
        assert await desk.codes("ours", a_mark(id="3")) == [None]
        assert desk.known["senders"] == ["000000070000000025PL"]

    async def test_a_transfer_begins_with_an_enrolment_and_then_the_old_school_needs_one_too(self, desk):
        assert await desk.codes("ours", a_mark()) == [None]
        assert await desk.codes("theirs", an_enrolment(THEIRS)) == [None]
        assert await desk.codes("theirs", a_mark(THEIRS)) == [None]
        assert await desk.codes("ours", a_mark(id="2")) == [NOT_YOURS]
        assert await desk.codes("ours", an_enrolment(until="2024-08-31")) == [None]
        assert await desk.codes("ours", a_mark(id="2")) == [None]

    @pytest.mark.parametrize("first", [True, False])
    async def test_an_enrolment_counts_for_every_row_of_its_request(self, desk, first):
        await desk.codes("ours", a_mark())
        rows = [an_enrolment(THEIRS), a_mark(THEIRS), a_signal(THEIRS)]
        assert await desk.codes("theirs", *(rows if first else rows[::-1])) == [None] * 3

    async def test_an_enrolment_at_one_school_lets_its_organisation_speak_for_all(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        assert await desk.codes("ours", an_enrolment(("25PL", "25PL01")), a_mark()) == [None, None]

    async def test_another_pupils_enrolment_counts_for_nothing(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        other = an_enrolment(pupil={"number": "111222333"})
        assert await desk.codes("ours", other, a_mark()) == [None, NOT_YOURS]

    @pytest.mark.parametrize("turned", [True, False])
    async def test_with_its_enrolment_taken_back_a_school_says_nothing_new_in_any_order(self, desk, turned):
        await desk.codes("theirs", a_mark(THEIRS))
        enrolment = an_enrolment()
        rows = [enrolment, a_mark(), taken_back(enrolment)]
        codes = [None, NOT_YOURS, None]
        assert await desk.codes("ours", *(rows[::-1] if turned else rows)) == (
            codes[::-1] if turned else codes
        )

    async def test_with_its_enrolment_taken_back_a_school_takes_back_the_rest_at_once_and_later(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        enrolment, mark, signal = an_enrolment(), a_mark(), a_signal()
        other = a_mark(id="2", slot="lesson-2")
        assert await desk.codes("ours", enrolment, mark, signal, other) == [None] * 4
        rows = [taken_back(enrolment), taken_back(mark), taken_back(signal)]
        assert await desk.codes("ours", *rows) == [None] * 3
        assert await desk.codes("ours", taken_back(other)) == [None]
        assert await desk.codes("ours", a_mark(id="3")) == [NOT_YOURS]

    async def test_a_stranger_takes_back_nothing_that_may_be_anothers(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        assert await desk.codes("ours", taken_back(a_signal())) == [NOT_YOURS]

    async def test_taking_back_makes_nobody_a_sender(self, desk):
        assert await desk.codes("ours", taken_back(a_mark())) == [None]
        assert await desk.codes("theirs", a_mark(THEIRS)) == [None]
        assert await desk.codes("theirs", a_mark(THEIRS, id="2")) == [None]

    async def test_the_newest_word_about_an_enrolment_holds_whichever_came_first(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        enrolment = an_enrolment()
        await desk.codes("ours", taken_back(enrolment, time="2024-09-03T10:00:00Z"))
        await desk.codes("ours", enrolment)
        assert await desk.codes("ours", a_mark()) == [NOT_YOURS]
        again = an_enrolment(time="2024-09-03T10:00:01Z", id="again")
        assert await desk.codes("ours", again, a_mark()) == [None, None]

    async def test_a_refused_row_makes_nobody_a_sender(self, desk):
        await desk.codes("ours", a_mark())
        assert await desk.codes("theirs", a_mark(THEIRS), a_signal(THEIRS)) == [NOT_YOURS] * 2
        assert desk.known["senders"] == ["000000070000000025PL"]
        assert desk.known["schools"] == ["25PL00"]

    async def test_an_enrolment_under_a_used_id_counts_for_nothing(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        desk.reserved[f"{school_source('25PL')}/25PL-enrolment"] = Reserved("other content", "", done=True)
        assert await desk.codes("ours", an_enrolment(), a_mark()) == [None, NOT_YOURS]
        assert desk.known["enrolled"] == {}

    async def test_the_second_of_two_rows_by_one_id_counts_for_nothing(self, desk):
        await desk.codes("theirs", a_mark(THEIRS))
        mark = a_mark(id="enrolment")
        assert await desk.codes("ours", mark, an_enrolment()) == [NOT_YOURS, "id-reused"]
        assert await desk.codes("ours", mark, mark) == [NOT_YOURS, NOT_YOURS]

    async def test_what_was_accepted_is_not_asked_about_again(self, desk):
        mark = a_mark()
        await desk.codes("ours", mark)
        await desk.codes("theirs", an_enrolment(THEIRS))
        desk.pupils.calls.clear()
        assert await desk.codes("ours", mark) == [None]
        assert desk.pupils.calls == []

    async def test_a_local_id_is_its_senders_own(self, desk):
        await desk.codes("theirs", an_enrolment(THEIRS, pupil={"local": "7"}))
        mark = a_mark(more={"pupil": {"local": "7"}})
        assert await desk.codes("ours", mark) == [None]
        (ours,) = [one for key, one in desk.pupils.documents.items() if "25PL" in key]
        assert (ours["senders"], ours["schools"]) == (["000000070000000025PL"], ["25PL00"])

    async def test_an_organisation_without_a_brin_speaks_for_the_schools_of_its_systems(self, desk):
        board = "urn:nld:oin:00000003123456780000"
        event = a_system_event("board", keys=("board",), schools=["16QW01"], source=board)
        await desk.senders.on_change("system/board", event)
        await desk.codes("ours", a_mark())
        assert await desk.codes("board", an_enrolment(THEIRS) | {"source": board}) == [None]
        assert await desk.codes("board", a_mark(THEIRS) | {"source": board}) == [None]
        assert await desk.codes("theirs", a_mark(THEIRS)) == [None], "the school is theirs too"

    async def test_what_is_known_already_is_not_written_again(self, desk):
        await desk.codes("ours", an_enrolment(), a_mark())
        desk.pupils.calls.clear()
        assert await desk.codes("ours", a_mark(id="2"), a_signal()) == [None, None]
        assert desk.pupils.calls == ["find"]

    async def test_a_careless_feed_makes_no_document_without_end_and_hinders_no_other_school(self, desk):
        rows = [an_enrolment(since=f"{2000 + year}-08-01", id=f"{year}") for year in range(MOST_NOTED + 50)]
        assert await desk.codes("ours", *rows) == [None] * (MOST_NOTED + 50)
        assert len(desk.known["enrolled"]) == MOST_NOTED
        assert await desk.codes("theirs", an_enrolment(THEIRS), a_mark(THEIRS)) == [None, None]


class TestAtOneMoment:
    """Of two schools that speak first in one moment at most one is the only one; the other needs an enrolment."""

    @pytest.mark.parametrize("resident", [False, True])
    async def test_one_of_two_first_schools_is_the_only_one(self, desk, resident):
        if resident:
            await desk.codes("town", a_residence())
        other = []

        async def meanwhile():
            other.extend(await desk.codes("theirs", a_mark(THEIRS)))

        desk.pupils.before_write = meanwhile
        assert await desk.codes("ours", a_mark(), an_enrolment(id="e"), a_signal()) == [None] * 3
        assert other == [None]
        desk.pupils.before_write = None
        assert await desk.codes("theirs", a_mark(THEIRS, id="2")) == [NOT_YOURS]

    @pytest.mark.parametrize("resident", [False, True])
    async def test_the_one_that_comes_second_is_told_so_and_is_noted_nowhere(self, desk, resident):
        if resident:
            await desk.codes("town", a_residence())
        other = []

        async def meanwhile():
            other.extend(await desk.codes("theirs", a_mark(THEIRS)))

        desk.pupils.before_write = meanwhile
        assert await desk.codes("ours", a_mark()) == [NOT_YOURS]
        assert other == [None]
        assert (desk.known["senders"], desk.known["schools"]) == (["000000070000000016QW"], ["16QW01"])

    async def test_who_was_first_stays_so_when_a_transfer_begins_before_it_looks_again(self, desk):
        await desk.codes("town", a_residence())
        first = desk.pupils.find

        async def find(query, **how):
            if desk.known["senders"] and len(desk.known["senders"]) == 1:
                desk.known["senders"].append("000000070000000016QW")
            return await first(query, **how)

        desk.pupils.find = find
        assert await desk.codes("ours", a_mark()) == [None]


def a_residence(*, town="0637", since="2010-01-01", time="2024-09-01T10:00:00Z", **data):
    fields = {
        "pupil": {"number": NUMBER}, "birth_date": "2010-01-01", "municipality": town, "resident_from": since, **data,
    }  # fmt: skip
    return said(
        "person-recorded", fields, source=municipality_source("0637"), time=time, id=f"{since}-{time}"
    )


class TestMunicipality:
    async def test_it_names_any_pupil_and_is_no_sender_of_a_school(self, desk):
        await desk.codes("ours", a_mark())
        assert await desk.codes("town", a_residence()) == [None]
        assert await desk.codes("ours", a_mark(id="2")) == [None]
        assert desk.known["senders"] == ["000000070000000025PL"]

    async def test_the_residences_that_stand_are_known(self, desk):
        moved = a_residence(town="1916", since="2020-01-01")
        await desk.codes("town", a_residence(), moved)
        (known,) = (await desk.rights.of([PUPIL])).values()
        assert known.municipalities == {"0637", "1916"}
        await desk.codes("town", taken_back(moved))
        (known,) = (await desk.rights.of([PUPIL])).values()
        assert known.municipalities == {"0637"}


class TestLeave:
    TOWN, SCHOOL = municipality_source("0637"), school_source("25PL")

    async def test_an_officers_leave_is_neither_replaced_nor_taken_back_by_a_school(self, desk):
        assert await desk.codes("town", a_leave(self.TOWN, by="officer")) == [None]
        replaced = a_leave(self.SCHOOL, time="2024-09-05T10:00:00Z")
        assert await desk.codes("ours", replaced, taken_back(replaced)) == ["leave-of-officer"] * 2
        assert desk.known is None or desk.known["senders"] == []
        another = a_leave(self.SCHOOL) | {"id": "another"}
        another["data"]["from"] = "2024-10-02"
        assert await desk.codes("ours", another) == [None]

    async def test_taken_back_by_the_municipality_it_is_free_again(self, desk):
        leave = a_leave(self.TOWN, by="officer")
        await desk.codes("town", leave)
        assert await desk.codes("town", taken_back(leave)) == [None]
        assert await desk.codes("ours", a_leave(self.SCHOOL)) == [None]

    async def test_an_older_word_of_the_municipality_does_not_free_it(self, desk):
        leave = a_leave(self.TOWN, by="officer", time="2024-09-02T10:00:00Z")
        await desk.codes("town", leave, taken_back(leave, time="2024-09-01T10:00:00Z"))
        assert await desk.codes("ours", a_leave(self.SCHOOL)) == ["leave-of-officer"]
