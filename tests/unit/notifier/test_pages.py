"""The door of tables and directors: its own pages alone, in the form that is asked for."""

from datetime import UTC, date, datetime

import httpx
import pytest
from starlette.applications import Starlette

from aanwezig.chassis.asking import Asking, Limits
from aanwezig.contracts.messages import DayClosed
from aanwezig.contracts.topics import CASES
from aanwezig.notifier.documents import Documents
from aanwezig.notifier.pages import PageDoor
from support.agendas import TO_TABLE, a_recipient, case_event, case_id, case_said
from support.memory import MemoryCollection, MemoryPublisher

SUNDAY = date(2024, 10, 6)
WHO = {
    "tafel": a_recipient(),
    "andere-tafel": a_recipient(name="andere-tafel", municipality="0150"),
    "regisseur": a_recipient("chain-director", "regisseur"),
    "halt": a_recipient("halt", "halt"),
}


class Door:
    """The routes over documents in memory, with one child at home and the agenda of Monday made."""

    def __init__(self):
        collections = {}
        self.documents = Documents(
            lambda name: collections.setdefault(name, MemoryCollection()), MemoryPublisher(), WHO.values()
        )
        asking = Asking(
            WHO.get, Limits(1, 5), clock=lambda: datetime(2024, 10, 7, 9, tzinfo=UTC), is_ready=lambda: True
        )
        app = Starlette(routes=PageDoor(self.documents, asking).routes())
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door")

    async def begin(self):
        said, closed = case_said(**TO_TABLE), DayClosed(date=SUNDAY, origin=0, origins=1)
        event = case_event("escalated", said)
        days = [(event, closed, number) for number in range(CASES.partitions)]
        self.made = {one.recipient: one for one in await self.documents.hear([(event, said, 0), *days])}
        return self

    async def gets(self, path, who="tafel", **headers):
        return await self.client.get(
            f"/v1/{path}", headers={"authorization": f"Bearer {who}", "accept-language": "en", **headers}
        )


@pytest.fixture
async def door():
    return await Door().begin()


async def test_the_current_agenda_is_a_page_in_dutch_that_nobody_keeps(door):
    answer = await door.gets("agenda")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert case_id("a")[:16] in answer.text
    assert answer.headers["content-language"] == "nl"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "accept", "form"),
    [
        ("agenda", "*/*", "text/html"),
        ("agenda", "application/pdf", "application/pdf"),
        ("agenda", "text/html;q=0.2, application/json;q=0.9", "application/json"),
        ("agenda", "text/*, application/pdf;q=0.5", "text/html"),
        ("agenda", "application/*", "application/pdf"),
        ("agenda.json", "text/html", "application/json"),
        ("agenda.pdf", "text/html", "application/pdf"),
        ("agenda.html", "application/pdf", "text/html"),
    ],
)
async def test_a_page_comes_in_the_form_of_its_address_or_the_one_that_is_liked_best(
    door, path, accept, form
):
    answer = await door.gets(path, accept=accept)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, form)
    assert answer.content.startswith(b"%PDF-") == (form == "application/pdf")


async def test_a_document_is_listed_and_told_as_it_was_made_in_each_form(door):
    made = door.made["tafel"]
    (line,) = (await door.gets("documents")).json()["documents"]
    assert line == {
        "id": made.id, "kind": "agenda", "on": "2024-10-07", "as_of": "2024-10-06", "municipality": None,
        "href": f"/v1/documents/{made.id}",
    }  # fmt: skip
    told = await door.gets(f"documents/{made.id}.json")
    assert told.json() == {**line, "content": made.content.as_state()}
    page = await door.gets(f"documents/{made.id}", accept="text/html")
    assert "overleg van <strong>maandag 7 oktober 2024" in page.text
    paper = await door.gets(f"documents/{made.id}.pdf")
    assert paper.headers["content-disposition"] == 'inline; filename="agenda-2024-10-07.pdf"'


async def test_a_municipality_sees_its_own_cases_and_a_director_what_stagnated(door):
    assert (await door.gets("agenda.json", "andere-tafel")).json()["at_home"] == []
    assert (await door.gets("agenda.json", "regisseur")).json()["stagnated"] == []
    assert "Ketenregisseur" in (await door.gets("agenda", "regisseur")).text


@pytest.mark.parametrize(
    ("path", "who", "status", "code"),
    [
        ("agenda", "nobody", 401, "unknown-key"),
        ("agenda", "halt", 403, "no-page-for-role"),
        ("documents", "halt", 403, "no-page-for-role"),
        ("documents/{made}", "andere-tafel", 404, "unknown-document"),
        ("documents/{made}.pdf", "halt", 404, "unknown-document"),
        ("documents/none", "tafel", 404, "unknown-document"),
        ("documents/{made}.docx", "tafel", 406, "no-such-form"),
        ("agenda?since=2024", "tafel", 400, "unknown-parameter"),
    ],
)
async def test_what_is_not_there_or_not_theirs_is_refused_in_words(door, path, who, status, code):
    answer = await door.gets(path.format(made=door.made["tafel"].id), who)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "text/html;q=x", "application/pdf; q=0.0"])
async def test_a_form_that_there_is_not_is_refused(door, accept):
    answer = await door.gets("agenda", accept=accept)
    assert (answer.status_code, answer.json()["code"]) == (406, "no-such-form")
