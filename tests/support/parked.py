"""Parked records, and the operators' door to them."""

from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette

from aanwezig.chassis.operating import ParkedDoor

TOPIC = "a.topic"
KEY = "the key of an operator"


@dataclass
class Record:
    offset: int
    key: str | None
    value: bytes | None
    topic: str = TOPIC
    partition: int = 0


def a_record(offset, key="k", **how):
    return Record(offset, key, b'{"n": %d}' % offset, **how)


def ids_of(*offsets):
    return [f"{TOPIC}:0:{offset}" for offset in offsets]


async def outcomes(store):
    """What became of each record, by its offset; None: it is open."""
    rows = await store.collection("parked").find({}, sort=[("offset", 1)])
    return {row["offset"]: None if row["open"] else row["outcome"] for row in rows}


class Door(httpx.AsyncClient):
    """A client of the door, with the operator's key."""

    async def retry(self, *offsets):
        return await self.post("/v1/parked/retry", json={"ids": ids_of(*offsets), "by": "an operator"})

    async def discard(self, *offsets, reason="no sense in it"):
        asked = {"ids": ids_of(*offsets), "reason": reason, "by": "an operator"}
        return await self.post("/v1/parked/discard", json=asked)


@asynccontextmanager
async def a_door(parking, *, topics=(TOPIC,), key=KEY, said=KEY):
    """The door to these parked records, spoken to with a key."""
    door = ParkedDoor(parking, None if key is None else SecretStr(key), frozenset(topics))
    transport = httpx.ASGITransport(Starlette(routes=door.routes))
    headers = {} if said is None else {"authorization": f"Bearer {said}"}
    async with Door(transport=transport, base_url="http://door", headers=headers) as client:
        yield client
