"""Receipts can be asked for later, by id and by file, and say what is true now."""

from datetime import UTC, datetime, timedelta

import pytest

from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.sealing import Seal, SealedAway
from aanwezig.intake.lookup import Unconfirmed
from aanwezig.intake.origins import Origin
from aanwezig.intake.receipts import _MOST_BYTES, Receipt, Receipts, Told
from support.submitted import NUMBER, a_mark_said

pytestmark = pytest.mark.engines
FILE = "verzuim van Jan.csv"


def marks(*numbers, **how):
    return [a_mark_said(id=f"{number}", slot=f"lesson-{number % 16 + 1}", **how) for number in numbers]


async def asked(world, *, only_refused=False, after=None, limit=100, key="key-1", file=FILE):
    return await world.lookup.by_file(
        world.senders.by_key(key), file, only_refused=only_refused, after=after, limit=limit
    )


async def told(world, **how):
    """Of each row of the file its number, id and outcome."""
    page = await asked(world, **how)
    return [(one.row, one.receipt.id, one.receipt.outcome) for one in page.receipts]


async def counted(world):
    counts = (await asked(world)).counts
    return counts.rows, counts.accepted


class NoBroker:
    """A broker that is away."""

    def __init__(self, part):
        self._part = part

    def __getattr__(self, name):
        return self._away if name == "say" else getattr(self._part, name)

    async def _away(self, _records):
        raise Unavailable("the broker is away")


class TestByFile:
    async def test_each_row_is_told_by_its_number_with_why_it_was_refused(self, world):
        bad = a_mark_said(id="2", minutes=900)
        await world.admit(*marks(1), bad, *marks(3), file=FILE)
        await world.admit(*marks(4, 5), {}, file=FILE, first=4)
        assert await told(world) == [
            (1, "1", "accepted"), (2, "2", "refused"), (3, "3", "accepted"), (4, "4", "accepted"),
            (5, "5", "accepted"), (6, None, "refused"),
        ]  # fmt: skip
        (second, sixth) = (await asked(world, only_refused=True)).receipts
        assert [(error.field, error.code.value) for error in second.receipt.errors] == [
            ("minutes", "out-of-range")
        ]
        rows = await world.quarantine.rows("test", [second.entry, sixth.entry])
        assert rows[second.entry].said == bad
        assert rows[sixth.entry].said == {}
        assert await counted(world) == (6, 4)

    async def test_a_file_sent_twice_is_as_accepted_as_the_first_time(self, world):
        rows = [*marks(1, 2, 3), a_mark_said(id="4", minutes=900)]
        await world.admit(*rows, file=FILE)
        first = await told(world)
        again = await world.outcomes(*rows, file=FILE, later=60)
        assert again == ["duplicate", "duplicate", "duplicate", "refused"]
        assert await told(world) == first
        assert await counted(world) == (4, 3)

    async def test_a_row_that_was_corrected_since_is_in_by_whatever_door(self, world):
        await world.admit(
            a_mark_said(id="1", minutes=900), {"data": 1}, a_mark_said(id="3", minutes=900), file=FILE
        )
        await world.admit(*marks(1))
        (one, three) = (await asked(world, only_refused=True)).receipts
        assert (one.row, three.row) == (2, 3)
        await world.readmit(one.entry, *marks(2))
        assert await told(world, only_refused=True) == [(3, "3", "refused")]
        await world.quarantine.discard("test", three.entry, "no such lesson", datetime.now(UTC))
        (discarded,) = (await asked(world, only_refused=True)).receipts
        assert (discarded.row, discarded.entry) == (3, None)
        assert await counted(world) == (3, 2)

    async def test_a_row_the_quarantine_had_no_room_for_is_in_once_it_is_corrected(self, world):
        world.limit = 0
        await world.admit(a_mark_said(id="1", minutes=900), a_mark_said(id="2", minutes=900), file=FILE)
        await world.admit(*marks(1), later=1)
        assert await told(world) == [(1, "1", "accepted"), (2, "2", "refused")]

    async def test_a_row_refused_for_its_id_is_not_in_because_the_id_is(self, world):
        await world.admit(*marks(1))
        await world.admit(a_mark_said(id="1", state="present"), file=FILE)
        assert await told(world) == [(1, "1", "refused")]

    async def test_a_long_file_is_told_in_pages(self, world):
        rows = [a_mark_said(id=f"{n}", minutes=900 if n % 3 == 0 else 50) for n in range(1, 21)]
        await world.admit(*rows[:8], file=FILE)
        await world.admit(*rows[8:], file=FILE, first=9)
        for only_refused, limit in ((False, 6), (True, 2)):
            seen, after = [], None
            while True:
                page = await asked(world, only_refused=only_refused, after=after, limit=limit)
                assert (page.counts is None) == (after is not None)
                seen += [one.row for one in page.receipts]
                after = page.next
                if after is None:
                    break
                assert len(page.receipts) == limit
            assert seen == [row for row in range(1, 21) if row % 3 == 0 or not only_refused]

    async def test_a_shorter_file_of_the_same_name_leaves_no_tail_of_the_older(self, world):
        await world.admit(*marks(1, 2), file=FILE)
        await world.admit(*marks(3, 4), file=FILE, first=3, later=1)
        await world.admit(*marks(5, 6, 7), file=FILE, later=24 * 60)
        assert [row for row, _, _ in await told(world)] == [1, 2, 3]

    async def test_nobody_sees_the_files_of_another_system(self, world):
        await world.admit(*marks(1), file=FILE)
        assert await asked(world, key="key-0637") is None
        assert await asked(world, file="another") is None

    async def test_receipts_too_large_for_one_document_are_kept_in_more(self, world):
        wide = {"id": "1", "x": {}, **{f"{number:04}{'n' * 55_000}": 1 for number in range(3)}}
        count = _MOST_BYTES // 100_000
        await world.admit(*({**wide, "id": f"{number}"} for number in range(count)), file=FILE)
        many = {"data": {f"{n}" * 400: n for n in range(90)}, "type": "nl.attendance.mark-recorded.v1"}
        await world.admit(
            *({**many, "id": f"m-{number}"} for number in range(80)), file=FILE, first=count + 1, later=1
        )
        assert await world.collection("receipts").count({}) > 2
        assert [row for row, _, _ in await told(world, limit=500)] == list(range(1, count + 81))


class TestById:
    async def test_what_was_accepted_first_stays_accepted_whatever_was_refused_later(self, world):
        mine = world.senders.by_key("key-1")
        await world.admit(*marks(1))
        refused = await world.outcomes(
            a_mark_said(id="1", state="present"), a_mark_said(id="1", minutes=900), later=1
        )
        assert refused == ["refused", "refused"]
        assert (await world.lookup.by_id(mine, "1")).outcome == "accepted"

    async def test_a_row_the_full_quarantine_had_no_room_for_has_its_receipt_all_the_same(self, world):
        world.limit = 0
        await world.admit(a_mark_said(id="1", minutes=900))
        receipt = await world.lookup.by_id(world.senders.by_key("key-1"), "1")
        assert [error.code.value for error in receipt.errors] == ["out-of-range", "quarantine-full"]

    async def test_of_two_refusals_the_newest_is_told(self, world):
        await world.admit(a_mark_said(id="1", minutes=900))
        await world.admit(a_mark_said(id="1", school="25PL99"), later=1)
        receipt = await world.lookup.by_id(world.senders.by_key("key-1"), "1")
        assert [error.code.value for error in receipt.errors] == ["school-unknown"]

    async def test_what_is_reserved_and_not_acknowledged_has_no_receipt_yet(self, world):
        mine = world.senders.by_key("key-1")
        with pytest.raises(Unavailable):
            await world.admit(*marks(1), admission=world.intake(NoBroker))
        with pytest.raises(Unconfirmed):
            await world.lookup.by_id(mine, "1")
        (other,) = await world.admit(a_mark_said(id="1", state="present"))
        assert [error.code.value for error in other.errors] == ["id-unconfirmed"]
        with pytest.raises(Unconfirmed):
            await world.lookup.by_id(mine, "1")
        assert await world.outcomes(*marks(1)) == ["accepted"]
        assert (await world.lookup.by_id(mine, "1")).outcome == "accepted"
        (other,) = await world.admit(a_mark_said(id="1", state="present"))
        assert [error.code.value for error in other.errors] == ["id-reused"]


async def test_without_a_file_only_refusals_are_kept_and_nothing_that_is_kept_names_anything(world):
    await world.admit(*marks(1, 2))
    assert await world.collection("receipts").count({}) == 0
    await world.admit(*marks(3), a_mark_said(id=f"mark-{NUMBER}", minutes=900))
    await world.admit(a_mark_said(id=f"mark-{NUMBER}", more={NUMBER: 1}), *marks(4), file=f"{NUMBER}.csv")
    kept = await world.collection("receipts").find({})
    assert [one["rows"] for one in kept] == [1, 2]
    for documents in (kept, await world.collection("quarantine").find({})):
        assert NUMBER not in repr(documents)
        assert NUMBER.encode() not in b"".join(one["sealed"] for one in documents)


async def test_receipts_end_after_their_days(world):
    receipts = Receipts(world.collection("receipts"), world.seal, key=world.key, days=30, limit=100)
    await receipts.keep("test", Origin("http", FILE), [Told(1, Receipt("1", "accepted"))], datetime.now(UTC))
    (kept,) = await world.collection("receipts").find({})
    assert kept["ends"] - kept["at"] == timedelta(days=30)


async def test_of_each_system_the_newest_requests_are_kept_and_what_was_accepted_stays_known(world):
    world.receipt_limit = 20
    admission = world.intake()
    for number in range(25):
        await world.admit(*marks(number), file=f"{number}", later=number, admission=admission)
    await world.admit({}, file="theirs", key="key-0637", admission=admission)
    left = [number for number in range(25) if await asked(world, file=f"{number}") is not None]
    assert 20 <= len(left) <= 21
    assert left == list(range(25 - len(left), 25))
    assert await asked(world, file="theirs", key="key-0637") is not None
    assert (await world.lookup.by_id(world.senders.by_key("key-1"), "0")).outcome == "accepted"


async def test_receipts_sealed_under_another_key_are_told_as_such(world):
    await world.admit(*marks(1), a_mark_said(id="2", minutes=900), file=FILE)
    world.seal = Seal(bytes(32))
    world.intake()
    with pytest.raises(SealedAway):
        await asked(world)
    with pytest.raises(SealedAway):
        await world.lookup.by_id(world.senders.by_key("key-1"), "2")


async def test_a_file_of_some_thousand_rows_sent_again_is_a_duplicate_in_every_row(world):
    rows = marks(*range(3_000))
    for first in (0, 1_500):
        await world.admit(*rows[first : first + 1_500], file=FILE, first=first + 1)
    for first in (0, 1_500):
        again = await world.outcomes(*rows[first : first + 1_500], file=FILE, first=first + 1, later=60)
        assert set(again) == {"duplicate"}
    assert await counted(world) == (3_000, 3_000)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_whole_file_of_100_000_rows_sent_again_is_a_duplicate_in_every_row(world):
    size, most = 100_000, 5_000
    for later, expected in ((0, {"accepted"}), (60, {"duplicate"})):
        for first in range(0, size, most):
            rows = marks(*range(first, first + most))
            assert set(await world.outcomes(*rows, file=FILE, first=first + 1, later=later)) == expected
    assert await counted(world) == (size, size)
    page = await asked(world, after=99_990)
    assert [one.row for one in page.receipts] == list(range(99_991, 100_001))
