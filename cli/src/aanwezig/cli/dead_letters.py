"""The parked records of the services, asked at the door each has for its operators."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx

from aanwezig.cli.asking import a_client, detail_of, patiently
from aanwezig.cli.exits import AtFault, NeededIsAway
from aanwezig.cli.homes import Home

_REQUEST_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.2
_AT_ONCE: Final = 500
"""Ids in one request; the door takes 1,000."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A parked record as its service tells it; `id` and `told["id"]` begin with the name of the service."""

    service: str
    told: dict[str, Any]

    @property
    def id(self) -> str:
        """SERVICE/TOPIC:PARTITION:OFFSET."""
        name: str = self.told["id"]
        return name

    @property
    def state(self) -> str:
        """`parked`, `retry-asked`, `discard-asked`, `handled` or `discarded`."""
        name: str = self.told["state"]
        return name

    @property
    def offset(self) -> int:
        """Its place in its partition."""
        number: int = self.told["offset"]
        return number

    @property
    def queue(self) -> tuple[Any, ...]:
        """What it waits with: service, topic, partition, and its key (without one: its own place)."""
        key = self.told["key"]
        return self.service, self.told["topic"], self.told["partition"], self.offset if key is None else key


class Desk:
    """The parked records of one service. Each call may raise `NeededIsAway` and `AtFault`."""

    def __init__(self, service: str, address: str, client: httpx.Client) -> None:
        self.service = service
        self._address = address
        self._client = client

    def letters(self, *, key: str | None = None, closed: bool = False) -> Iterator[Letter]:
        """What is open (or closed), page by page."""
        asked = {"closed": "true"} if closed else {}
        if key is not None:
            asked["key"] = key
        while True:
            page = self._asked("GET", "", params=asked)
            yield from (self._letter(row) for row in page["rows"])
            if page["next"] is None:
                return
            asked["after"] = page["next"]

    def letter(self, id_: str) -> Letter:
        """One record, with `said` (or `base64`): what it says."""
        return self._letter(self._asked("GET", f"/{quote(_bare(id_), safe='')}"))

    def open_letter(self, id_: str) -> Letter:
        """One record that is still open."""
        found = self.letter(id_)
        if found.state in ("handled", "discarded"):
            raise AtFault(f"{id_} is not parked any more: it was {found.state}.")
        return found

    def retry(self, ids: Sequence[str], by: str) -> list[str]:
        """Asks for records to be handled once more; gives those of which this service cannot do that."""
        refused: list[str] = []
        for part in _parts(ids):
            said = self._asked("POST", "/retry", json={"ids": part, "by": by})
            refused += [f"{self.service}/{one}" for one in said["not_retried"]]
        return refused

    def discard(self, ids: Sequence[str], reason: str, by: str) -> None:
        """Gives records up."""
        for part in _parts(ids):
            self._asked("POST", "/discard", json={"ids": part, "reason": reason, "by": by})

    def settled(self, ids: Sequence[str], wait: float) -> list[Letter]:
        """What became of records, once the service did what was asked, or after these seconds."""
        end = time.monotonic() + wait
        became: list[Letter] = []
        for id_ in ids:
            found = self.letter(id_)
            while found.state.endswith("-asked") and time.monotonic() < end:
                time.sleep(_LOOK_SECONDS)
                found = self.letter(id_)
            became.append(found)
        return became

    def _letter(self, row: dict[str, Any]) -> Letter:
        return Letter(self.service, row | {"id": f"{self.service}/{row['id']}", "service": self.service})

    def _asked(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        def once() -> httpx.Response:
            return self._client.request(method, f"{self._address}/v1/parked{path}", **more)

        answer = patiently(once, f"The {self.service} at {self._address} cannot tell of parked records now")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise AtFault(detail_of(answer))
        if not answer.is_success:
            raise AtFault(f"The {self.service} at {self._address} refused this: {detail_of(answer)}")
        said: dict[str, Any] = answer.json()
        return said


@contextmanager
def desks(service: str | None = None) -> Iterator[list[Desk]]:
    """The desk of each service of the stack, or of one of them, with the operator's key of this home."""
    home = Home.found()
    running = home.reachable()
    key = (home.known_keys() or {}).get("operator_key")
    if key is None:
        raise NeededIsAway(f"{home.places.home} has no operator's key. Start the stack once: aanwezig up")
    with a_client(key, seconds=_REQUEST_SECONDS) as client:
        yield [
            Desk(name, address, client)
            for name, address in running.services.items()
            if service is None or name == service
        ]


def _bare(id_: str) -> str:
    return id_.partition("/")[2]


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    bare = [_bare(id_) for id_ in ids]
    return (bare[place : place + _AT_ONCE] for place in range(0, len(bare), _AT_ONCE))
