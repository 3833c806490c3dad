"""What every route shares: who asks, in which language, and that every end of a request is an answer."""

import asyncio
import threading
from http import HTTPStatus

import httpx
import pytest
from starlette.applications import Starlette

from aanwezig.chassis.errors import Unavailable
from aanwezig.intake.asking import Asking, Limits
from aanwezig.intake.pace import Pace
from aanwezig.intake.problems import Problem
from aanwezig.intake.senders import Senders
from support.submitted import NOW, fill_register

BEARER = {"authorization": "Bearer key-1"}


class Place:
    """A door with one route, and what came to it."""

    def __init__(self, act, *, ready=True, **limits):
        self.senders = Senders()
        self.pace = Pace(1000, abreast=2, bytes_in_hand=2000)
        chosen = Limits(**{"rows": 5, "bytes": 900, "seconds": 0.1, "answer": 0.1, **limits})
        self.asking = Asking(self.senders, chosen, self.pace, clock=lambda: NOW, is_ready=lambda: ready)
        app = Starlette(routes=[self.asking.route("/", act, "POST", takes=("n",))])
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door")

    async def asks(self, **how):
        await fill_register(self.senders.on_change)
        return await self.client.post("/", **{"headers": BEARER, **how})


async def code_of(act, **how):
    answer = await Place(act).asks(**how)
    return answer.status_code, answer.json().get("code")


async def echoes(asked):
    return asked.answer({"system": asked.system.id, "said": (await asked.body()).decode()})


@pytest.mark.parametrize(
    "failure",
    [KeyError("25PL00"), RecursionError(), Unavailable("mongo"), Problem(HTTPStatus.CONFLICT, "closed")],
)
async def test_whatever_an_act_raises_is_an_answer_and_nothing_of_it_is_told(failure):
    async def fails(_asked):
        raise failure

    answer = await Place(fails).asks(headers={**BEARER, "accept-language": "en"})
    expected = {Unavailable: (503, "not-now"), Problem: (409, "closed")}.get(
        type(failure), (500, "our-fault")
    )
    assert (answer.status_code, answer.json()["code"]) == expected
    assert answer.headers["content-language"] == "en"
    assert "25PL00" not in answer.text
    assert "mongo" not in answer.text


async def test_nobody_is_known_before_the_register_is_there():
    answer = await Place(echoes, ready=False).asks()
    assert (answer.status_code, answer.json()["code"]) == (503, "not-now")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("n=1", 1), ("n=99", 99), ("", 7), ("n=0", None), ("n=100", None), ("n=-1", None), ("n=1e1", None), ("n=٣", None),
        ("n=", None), ("n=1&n=2", None), ("n=0000000000000000001", None),
    ],
)  # fmt: skip
async def test_a_number_in_the_address_is_one_or_is_refused(query, expected):
    async def reads(asked):
        return asked.answer(asked.number("n", 7, most=99))

    answer = await Place(reads).asks(params=query)
    if expected is None:
        assert (answer.status_code, answer.json()["code"]) == (400, "wrong-parameter")
    else:
        assert answer.json() == expected


@pytest.mark.parametrize("name", ["m", "N", "", "n ", "\n" + "m" * 500, "{detail}"])
async def test_a_parameter_there_is_none_of_is_refused_before_anything_is_done(name):
    heard = []

    async def hears(asked):
        heard.append(asked)
        return asked.answer({})

    answer = await Place(hears).asks(params={"n": "1", name: "2"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-parameter")
    shown = "?" + "m" * 59 if name.startswith("\n") else name
    assert f"niet: '{shown}' (bekend: 'n')." in answer.json()["detail"]
    assert heard == []


async def test_a_body_that_dribbles_is_let_go_and_one_that_is_too_large_too():
    async def dribbles():
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    assert await code_of(echoes, content=dribbles()) == (408, "too-slow")
    assert await code_of(echoes, content=b"x" * 901) == (413, "too-many-bytes")
    assert await code_of(echoes, content=b"x" * 900) == (200, None)


async def test_what_was_held_is_given_back_however_a_request_ends():
    async def holds(asked):
        asked.hold(400)
        await asked.body()
        raise Problem(HTTPStatus.CONFLICT, "closed")

    place = Place(holds)
    for _ in range(5):
        assert (await place.asks(content=b"x" * 500)).json()["code"] == "closed"
    assert (await place.asks(content=b"x" * 601)).json()["code"] == "no-room"
    place.pace.hold("test", 1000)


async def test_an_engine_that_does_not_answer_in_time_is_not_now():
    async def waits(asked):
        async with asked.in_time():
            await asyncio.Event().wait()

    assert await code_of(waits) == (503, "not-now")


async def test_a_large_body_is_read_beside_the_loop_one_of_a_system_at_a_time():
    meeting = threading.Barrier(2)

    def reads():
        if threading.current_thread() is threading.main_thread():
            return "on the loop"
        try:
            meeting.wait(0.1)
        except threading.BrokenBarrierError:
            meeting.reset()
            return "beside, alone"
        return "beside, with another"

    async def reads_both(asked):
        return asked.answer([await asked.beside(size, reads) for size in (10, 10_000_000)])

    place = Place(reads_both)
    answers = await asyncio.gather(place.asks(), place.asks())
    assert [one.json() for one in answers] == [["on the loop", "beside, alone"]] * 2
