"""A request that a stop cuts off hears when to come back, not that we broke."""

import asyncio

import httpx
import pytest

from aanwezig.chassis.serving import CutOff


def the_client(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door")


async def test_what_is_cut_off_before_its_answer_is_answered_503():
    async def waits(_scope, _receive, _send):
        raise asyncio.CancelledError

    async with the_client(CutOff(waits)) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 503


async def test_an_answer_that_began_is_not_answered_twice():
    sent = []

    async def begins(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 202, "headers": []})
        raise asyncio.CancelledError

    async def send(message):
        sent.append(message["type"])

    with pytest.raises(asyncio.CancelledError):
        await CutOff(begins)({"type": "http"}, None, send)
    assert sent == ["http.response.start"]
