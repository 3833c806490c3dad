"""`GET /v1/cases`, a case and its journal: for officers of its municipality; the journal for the operator too.

Every reading is kept with who read what, and told in the log without the case.
"""

import re
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.case_router import shown
from aanwezig.case_router.answers import CasesShown
from aanwezig.case_router.asking import Asked, Asking, Operator, officer_of
from aanwezig.case_router.dossier import Case, Dossier
from aanwezig.case_router.people import Speaker
from aanwezig.case_router.problems import Problem
from aanwezig.case_router.roles import NOT_FOR_THIS_ROLE, OTHER_MUNICIPALITY, is_served_by
from aanwezig.chassis import logs
from aanwezig.chassis.store import Collection

MOST_PUPILS: Final = 500
PUPILS: Final = 100
"""How many pupils one page is about: at most, and unless said otherwise."""
HASH: Final = "^[0-9a-f]{32}$"
_KEPT_SECONDS: Final = 1095 * 24 * 60 * 60
"""How long it is kept who read what: three years, as the processing log of intake."""
_OPERATOR: Final = "operator"
_log = logs.get(__name__)


class CaseDesk:
    """What officers read. `dossiers` is only read; `readings` keeps who read what."""

    def __init__(self, dossiers: Collection, readings: Collection, asking: Asking) -> None:
        self._dossiers = dossiers
        self._readings = readings
        self._asking = asking

    async def start(self) -> None:
        """Makes the indexes: readings of a case, and when they are let go."""
        await self._readings.index([("case", 1), ("at", 1)])
        await self._readings.index([("at", 1)], expire=_KEPT_SECONDS)

    def routes(self) -> list[BaseRoute]:
        """The routes of this desk."""
        route = self._asking.route
        return [
            route("/v1/cases", self._list, takes=("open", "after", "limit")),
            route("/v1/cases/{case}", self._show),
            route("/v1/cases/{case}/journal", self._journal, to_operator=True),
        ]

    async def _list(self, asked: Asked) -> Response:
        officer, only_open = officer_of(asked), _only_open(asked)
        limit = asked.number("limit", PUPILS, most=MOST_PUPILS)
        # Nobody knows where some live: every officer sees those, or nobody would.
        places = {"$in": [officer.municipality or "", ""]}
        query: dict[str, Any] = {"x.open" if only_open else "x.places": places}
        after = asked.parameter("after")
        if after is not None:
            if not re.fullmatch(HASH, after):
                raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", "after")
            query["_id"] = {"$gt": after}
        async with asked.in_time():
            found = await self._dossiers.find(query, fields=["state"], sort=[("_id", 1)], limit=limit)
            dossiers = [Dossier.from_state(one["state"]) for one in found]
            cases = [
                shown.line(dossier, case)
                for dossier in dossiers
                for case in dossier.cases
                if (case.is_open or not only_open) and _why_not(dossier, case, officer) is None
            ]
            await self._note(asked, "cases", len(cases))
        following = dossiers[-1].pupil if len(dossiers) == limit else None
        return asked.answer(CasesShown(cases=cases, next=following).model_dump(mode="json"))

    async def _show(self, asked: Asked) -> Response:
        async with asked.in_time():
            dossier, case = await self._found(asked)
            await self._note(asked, "case", 1, case.id)
        return asked.answer(shown.whole(dossier, case, asked.language).model_dump(mode="json"))

    async def _journal(self, asked: Asked) -> Response:
        async with asked.in_time():
            _, case = await self._found(asked)
            await self._note(asked, "journal", 1, case.id)
        lines = [entry.as_line() for entry in case.journal]
        said = {"case": case.id, "revision": case.revision, "state": shown.stored(case), "lines": lines}
        return asked.answer(said)

    async def _found(self, asked: Asked) -> tuple[Dossier, Case]:
        """The case that is asked for, if it is its to see.

        Raises:
            Problem: 404, there is none; 403, it is not for who asks.
        """
        wanted = asked.request.path_params["case"]
        found = await self._dossiers.find_one({"x.cases": wanted}) if re.fullmatch(HASH, wanted) else None
        dossier = None if found is None else Dossier.from_state(found["state"])
        case = None if dossier is None else dossier.case(wanted)
        if dossier is None or case is None:
            raise Problem(HTTPStatus.NOT_FOUND, "unknown-case")
        why = None if isinstance(asked.who, Operator) else _why_not(dossier, case, asked.who)
        if why is not None:
            raise Problem(HTTPStatus.FORBIDDEN, why)
        return dossier, case

    async def _note(self, asked: Asked, what: str, cases: int, case: str | None = None) -> None:
        """Keeps who read what, before it is told."""
        who, role = (
            (_OPERATOR, _OPERATOR) if isinstance(asked.who, Operator) else (asked.who.id, asked.who.role)
        )
        row = {"_id": uuid4().hex, "at": asked.now, "who": who, "role": role, "what": what, "case": case}
        await self._readings.insert_new([row])
        _log.info("case.read", what=what, role=role, cases=cases)


def _why_not(dossier: Dossier, case: Case, officer: Speaker) -> str | None:
    if not officer.may_see(case.municipality):
        return OTHER_MUNICIPALITY
    return None if is_served_by(dossier, case, officer) else NOT_FOR_THIS_ROLE


def _only_open(asked: Asked) -> bool:
    said = asked.parameter("open")
    if said not in {None, "true", "false"}:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong-parameter", "open")
    return said == "true"
