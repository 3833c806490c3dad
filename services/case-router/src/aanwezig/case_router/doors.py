"""The officers' door (`contract.md` 5): `POST /v1/decisions`, `/v1/steps`, `/v1/outcomes`.

A body is a CloudEvent, whose id is the command's, or the data alone with the id in `Idempotency-Key`. Who speaks is the owner
of the key; the body may leave the name out, and may not say another.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute

from aanwezig.case_router.asking import Asked, Asking, officer_of
from aanwezig.case_router.commands import Command, Said
from aanwezig.case_router.direct import DirectCommands, Instruction
from aanwezig.case_router.people import Speaker
from aanwezig.case_router.problems import Problem, Refused
from aanwezig.case_router.roles import actor_of
from aanwezig.chassis import logs
from aanwezig.chassis.asking import JSON
from aanwezig.chassis.problems import WrongFields, wrong_fields
from aanwezig.chassis.telemetry import Tracing
from aanwezig.contracts.envelope import type_of
from aanwezig.contracts.identifiers import derived_id
from aanwezig.contracts.messages import Actor, DecisionTaken, OutcomeRecorded, StepRecorded

SINGLE: Final = "application/cloudevents+json"
MEDIA_TYPES: Final = (SINGLE, JSON)
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
ID_FORM: Final = "^[!-~]{1,200}$"
PATHS: Final[Mapping[str, tuple[str, type[Said]]]] = {
    "/v1/decisions": ("decision-taken", DecisionTaken),
    "/v1/steps": ("step-recorded", StepRecorded),
    "/v1/outcomes": ("outcome-recorded", OutcomeRecorded),
}
_log = logs.get(__name__)


class Envelope(BaseModel):
    """What the door reads of a CloudEvent. `time` is the sender's; the journal has the moment the door heard it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, Field(pattern=ID_FORM)]
    source: Annotated[str, Field(pattern="^[!-~]{1,500}$")]
    type: str
    time: AwareDatetime | None = None
    data: dict[str, Any]


class CommandDoor:
    """The three routes on which officers command."""

    def __init__(self, commands: DirectCommands, asking: Asking, tracing: Tracing) -> None:
        self._commands = commands
        self._asking = asking
        self._tracing = tracing

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [self._asking.route(path, self._act, "POST") for path in PATHS]

    async def _act(self, asked: Asked) -> Response:
        officer = officer_of(asked)
        command = await _command(asked, officer)
        with self._tracing.step("command", asked.traceparent) as traceparent:
            async with asked.in_time():
                became = await self._commands.carry_out(Instruction(command, officer, asked.now, traceparent))
        _log.info(
            "command.answered", what=PATHS[asked.request.url.path][0], role=officer.role,
            outcome="carried-out" if became.reason is None else "refused", reason=became.reason,
        )  # fmt: skip
        if became.reason is not None:
            raise Refused(became, command.id)
        return asked.answer({
            "outcome": "carried-out", "command": command.id, "case": became.case, "revision": became.revision,
        })  # fmt: skip


async def _command(asked: Asked, officer: Speaker) -> Command:
    """The command in a request.

    Raises:
        Problem: it is none, or says another's name.
    """
    name, form = PATHS[asked.request.url.path]
    if asked.media_type(*MEDIA_TYPES) == SINGLE:
        envelope = _envelope(await asked.json(), name)
        source, identity, data, under = envelope.source, envelope.id, envelope.data, "data"
    else:
        source, identity, under = "", _idempotency_key(asked), ""
        data = await asked.json()
    try:
        said = form.model_validate(_filled(form, data, officer))
    except ValidationError as wrong:
        raise wrong_fields(wrong.errors(include_url=False, include_input=False), under) from None
    if actor_of(said) != Actor(kind="person", id=officer.id):
        raise Problem(HTTPStatus.FORBIDDEN, "another-name")
    return Command(derived_id("command", "officer", officer.id, source, identity), identity, said)


def _envelope(said: dict[str, Any], name: str) -> Envelope:
    try:
        envelope = Envelope.model_validate(said)
    except ValidationError as wrong:
        raise wrong_fields(wrong.errors(include_url=False, include_input=False)) from None
    if envelope.type != type_of(name):
        raise WrongFields([("type", "wrong-value")])
    return envelope


def _idempotency_key(asked: Asked) -> str:
    """The id of a command whose body has none. The draft of the header wants it in quotes; most say it without."""
    said = asked.request.headers.get(IDEMPOTENCY_KEY, "").strip().removeprefix('"').removesuffix('"')
    if not re.fullmatch(ID_FORM, said):
        raise Problem(HTTPStatus.BAD_REQUEST, "no-idempotency-key")
    return said


def _filled(form: type[Said], data: Mapping[str, Any], officer: Speaker) -> dict[str, Any]:
    """The data with the name of the key's owner, where none is said."""
    if form is DecisionTaken:
        return {**data, "officer": officer.id} if data.get("officer") is None else dict(data)
    own = {"kind": "person", "id": officer.id}
    return {**data, "actor": own} if data.get("actor") is None else dict(data)
