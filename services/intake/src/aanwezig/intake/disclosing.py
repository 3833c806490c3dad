"""`POST /v1/identities`: who a pseudonym is, told to who may ask, about its own pupils, with a line for each (ADR 6).

A municipality's system with the right `identities` asks, and says for which processing activity. It is told about pupils
who live in that municipality or of whom one of its schools spoke. All others are unknown to it: it never learns that
there was something to withhold. The processing log has the lines before the answer is given.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.telemetry import Tracing, context_of
from aanwezig.contracts.submissions import PupilRef
from aanwezig.intake.asking import Asked, Asking, too_fast
from aanwezig.intake.identities import AskedDomain, Identities, Identity, written
from aanwezig.intake.problems import Problem
from aanwezig.intake.processing import ACTIVITY_NOT_TOLD, ForeignOperation, Line, Outcome, ProcessingLog
from aanwezig.intake.rights import Known, Rights
from aanwezig.intake.senders import Senders, System

RIGHT: Final = "identities"
MOST_ASKED: Final = 1_000
_NAME: Final = "identities.tell"
_MEDIA_TYPE: Final = "application/json"
_ACTIVITY: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,500}")
_EXPECTED: Final = {
    "pseudonyms": f"pseudonyms ([0-9a-f]{{32}}, 1-{MOST_ASKED})",
    "domain": "domain (school, chain)",
    "activity": "activity (URI)",
}
_log = logs.get(__name__)

Pseudonym = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class Question(BaseModel):
    """What is asked: pseudonyms of one domain, and the processing activity (a URI) it is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    pseudonyms: Annotated[list[Pseudonym], Field(min_length=1, max_length=MOST_ASKED)]
    domain: Literal["school", "chain"] = "chain"
    activity: Annotated[str, Field(pattern=f"^{_ACTIVITY.pattern}$")]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one pseudonym; `pupil` where it is known, whether it is told or withheld."""

    outcome: Outcome
    pupil: PupilRef | None = None

    def said(self, pseudonym: str) -> dict[str, Any]:
        """What the caller hears: of what is withheld the same as of what nobody knows."""
        if self.outcome != "told" or self.pupil is None:
            return {"pseudonym": pseudonym, "unknown": True}
        if self.pupil.number is not None:
            return {"pseudonym": pseudonym, "number": self.pupil.number}
        return {"pseudonym": pseudonym, "local": self.pupil.local, "oin": self.pupil.oin}

    def subject(self, pseudonym: str) -> bytes:
        """Whom the processing log names: the child where it is known, else the pseudonym that was asked about."""
        return pseudonym.encode() if self.pupil is None else written(self.pupil)


def concerns(municipality: str, known: Known | None, municipality_of: Callable[[str], str | None]) -> bool:
    """Whether a child is a municipality's to know: it was told to live there, or a school that lies there spoke of it."""
    return known is not None and (
        municipality in known.municipalities
        or any(municipality_of(school) == municipality for school in known.schools)
    )


class Disclosing:
    """Answers who is who. One for an instance."""

    def __init__(
        self, asking: Asking, senders: Senders, identities: Identities, rights: Rights, log: ProcessingLog,
        tracing: Tracing,
    ) -> None:  # fmt: skip
        self._asking = asking
        self._senders = senders
        self._identities = identities
        self._rights = rights
        self._log = log
        self._tracing = tracing

    def routes(self) -> list[BaseRoute]:
        """The routes of this module."""
        return [self._asking.route("/v1/identities", self._tell, "POST")]

    async def _tell(self, asked: Asked) -> Response:
        started, begun = time.monotonic(), asked.now
        with self._tracing.step("identities", asked.traceparent) as traceparent:
            try:
                municipality = _municipality(asked.system)
                question = await self._question(asked)
            except Problem as refused:
                if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR or refused.code == "no-chain":
                    line = _line(asked, traceparent, begun, ACTIVITY_NOT_TOLD, Told("refused"), None)
                    async with asked.in_time():
                        await self._log.keep([line])
                raise
            async with asked.in_time():
                told = await self._told(municipality, question)
                await self._log.keep([
                    _line(asked, traceparent, begun, question.activity, one, one.subject(pseudonym))
                    for pseudonym, one in told.items()
                ])  # fmt: skip
            _count(asked.system, told, time.monotonic() - started)
        answer = asked.answer({"identities": [told[one].said(one) for one in question.pseudonyms]})
        answer.headers["cache-control"] = "no-store"
        return answer

    async def _question(self, asked: Asked) -> Question:
        name, *_ = asked.request.headers.get("content-type", "").lower().split(";")
        encoding = asked.request.headers.get("content-encoding", "identity").lower()
        if name.strip() != _MEDIA_TYPE or encoding != "identity":
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-format", _MEDIA_TYPE)
        try:
            question = Question.model_validate(await asked.json())
        except ValidationError as invalid:
            raise Problem(HTTPStatus.BAD_REQUEST, "wrong-question", _expected(invalid)) from None
        wait = self._asking.pace.wait(asked.system.id, len(question.pseudonyms))
        if wait is not None:
            raise too_fast(wait)
        if question.domain == "chain" and not self._identities.knows_chain:
            raise Problem(HTTPStatus.NOT_IMPLEMENTED, "no-chain")
        return question

    async def _told(self, municipality: str, question: Question) -> dict[str, Told]:
        domain: AskedDomain = question.domain
        found = await self._identities.of(set(question.pseudonyms), domain)
        known = await self._rights.of(one.pseudonym for one in found.values())
        return {
            one: self._one(municipality, found.get(one), known) for one in dict.fromkeys(question.pseudonyms)
        }

    def _one(self, municipality: str, identity: Identity | None, known: Mapping[str, Known]) -> Told:
        if identity is None:
            return Told("unknown")
        theirs = concerns(municipality, known.get(identity.pseudonym), self._senders.municipality_of)
        return Told("told" if theirs else "withheld", identity.pupil)


def _municipality(system: System) -> str:
    """The municipality that asks.

    Raises:
        Problem: 403, it has no right to ask.
    """
    municipality = system.municipality
    if municipality is None or RIGHT not in system.rights:
        raise Problem(HTTPStatus.FORBIDDEN, "no-right")
    return municipality


def _expected(invalid: ValidationError) -> str:
    """What the fields at fault should hold. Names of other fields are not repeated: a caller may put anything there."""
    wrong = {str(error["loc"][0]) if error["loc"] else "" for error in invalid.errors(include_input=False)}
    return "; ".join(_EXPECTED[name] for name in _EXPECTED if name in wrong or not wrong <= _EXPECTED.keys())


def _line(
    asked: Asked, traceparent: str, begun: datetime, activity: str, told: Told, subject: bytes | None
) -> Line:  # fmt: skip
    ours = context_of(traceparent)
    trace_id = bytes(16) if ours is None else ours.trace_id.to_bytes(16)
    theirs = None if asked.traceparent is None else context_of(asked.traceparent)
    foreign = None
    if theirs is not None:
        entity = f"urn:nld:oin:{asked.system.oin}:systeem:{asked.system.id}"
        foreign = ForeignOperation(theirs.trace_id.to_bytes(16), theirs.span_id.to_bytes(8), entity)
    return Line(trace_id, _NAME, begun, asked.now, activity, told.outcome, subject, foreign)


def _count(system: System, told: Mapping[str, Told], seconds: float) -> None:
    outcomes = Counter(one.outcome for one in told.values())
    for outcome, count in outcomes.items():
        metrics.IDENTITIES.labels(outcome).inc(count)
    _log.info(
        "identities.told", system=system.id, asked=len(told), told=outcomes["told"],
        withheld=outcomes["withheld"], unknown=outcomes["unknown"], milliseconds=round(seconds * 1000),
    )  # fmt: skip
