"""Who asks at the officers' door: an officer or a partner by its key, and on some routes the operator."""

import hmac
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from http import HTTPStatus

from pydantic import SecretStr
from starlette.responses import Response
from starlette.routing import Route

from aanwezig.case_router.people import People, Speaker
from aanwezig.chassis import asking
from aanwezig.chassis.asking import Limits
from aanwezig.chassis.problems import Problem

__all__ = ["Asked", "Asking", "Limits", "officer_of"]


class Operator:
    """The operator, who reads what is not about one child's case alone."""


Asked = asking.Asked[Speaker | Operator]
Act = Callable[[Asked], Awaitable[Response]]


class Asking:
    """How this door is asked. `is_ready` tells whether the registers and the engines are there; `clock` is aware."""

    def __init__(
        self, people: People, operator_key: SecretStr | None, limits: Limits, *,
        clock: Callable[[], datetime], is_ready: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._people = people
        self._operator_key = None if operator_key is None else operator_key.get_secret_value().encode()
        self._of_officers = asking.Asking[Speaker | Operator](
            people.by_key, limits, clock=clock, is_ready=is_ready
        )
        self._of_both = asking.Asking[Speaker | Operator](
            self._officer_or_operator, limits, clock=clock, is_ready=is_ready
        )

    def route(
        self,
        path: str,
        act: Act,
        method: str = "GET",
        *,
        takes: Collection[str] = (),
        to_operator: bool = False,
    ) -> Route:
        """A route of the door. `takes`: the parameters its address may have; `to_operator`: an operator may ask it too."""
        asked = self._of_both if to_operator else self._of_officers
        return asked.route(path, act, method, takes=takes)

    def _officer_or_operator(self, key: str) -> Speaker | Operator | None:
        operator = self._operator_key
        if operator is not None and hmac.compare_digest(key.encode(), operator):
            return Operator()
        return self._people.by_key(key)


def officer_of(asked: Asked) -> Speaker:
    """The officer who asks; only on routes that an operator has no right to."""
    if isinstance(asked.who, Operator):
        raise Problem(HTTPStatus.UNAUTHORIZED, "unknown-key")
    return asked.who
