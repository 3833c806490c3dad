"""The guide for makers of school systems, followed from its first command to its last on a real door."""

import asyncio
import time

import httpx
import pytest

from aanwezig.cli.homes import Home, Running
from aanwezig.contracts.identifiers import municipality_source, school_source
from support.engines import engines_shelf
from support.guide import GUIDE, event, told_facts
from support.pages import steps
from support.road import a_road, key_of
from support.terminal import Terminal

pytestmark = [pytest.mark.engines, pytest.mark.slow, pytest.mark.timeout(300)]

FIRST = "README.md"
"""It registers the system with which the other pages go on."""
PAGES = [
    FIRST,
    "kafka.md",
    pytest.param("voor-de-administratie.md", marks=pytest.mark.long),
    pytest.param("facts.md", marks=pytest.mark.long),
]


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    with a_road(tmp_path_factory.mktemp("guide"), engines_shelf(), names=("intake",)) as road:
        yield road


@pytest.fixture(scope="module")
def terminal(road, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    home = Home.found(folder / ".home")
    home.remember(
        Running(
            kafka=road.engines.kafka_bootstrap, mongo=road.engines.mongo_uri, services={"intake": road.url("intake", "")}
        )
    )  # fmt: skip
    instead = {
        "http://127.0.0.1:18080": road.url("intake", ""),
        "127.0.0.1:19092": road.engines.kafka_bootstrap,
    }
    return Terminal(folder, {"AANWEZIG_HOME": str(home.places.home)}, instead)


@pytest.fixture(scope="module")
def reader(terminal):
    """Follows a page, once."""
    followed = set()

    def follow(page):
        if page in followed:
            return
        for step in steps((GUIDE / page).read_text("utf-8")):
            assert step.promised or "curl" not in step.commands
            terminal.follow(step)
        followed.add(page)

    return follow


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_followed_to_its_end(reader, page):
    assert steps((GUIDE / page).read_text("utf-8"))
    for one in (FIRST, page):
        reader(one)


def test_every_example_of_a_fact_is_taken_by_the_door(road):
    sources = {"school": school_source("25PL", "examples"), "municipality": municipality_source("0637")}
    asyncio.run(
        road.register(
            schools=[("25PL00", "vo", "0637")],
            systems=[
                ("school", sources["school"], ["25PL00"]),
                ("municipality", sources["municipality"], []),
            ],
        )
    )
    for who, source in sources.items():
        rows = [
            event(told.name, data, row_id=f"example-{told.name}-{place}", source=source)
            for told in told_facts()
            for place, (speaker, data) in enumerate(told.examples)
            if speaker == who
        ]
        assert {one["outcome"] for one in taken(road, who, rows)} == {"accepted"}


def taken(road, system, rows):
    """The receipts of these rows, as soon as the register has told the door of their sender."""
    key = {"authorization": f"Bearer {key_of(system)}"}
    with httpx.Client(headers=key, trust_env=False, timeout=30) as client:
        until(lambda: client.get(road.url("intake", "/v1/system")).status_code == 200)
        answer = client.post(
            road.url("intake", "/v1/facts"),
            json=rows,
            headers={"content-type": "application/cloudevents-batch+json"},
        )
    assert answer.status_code == 202, answer.text
    return answer.json()["receipts"]


def until(happened, *, seconds=30):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
