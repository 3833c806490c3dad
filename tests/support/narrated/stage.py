"""The narrated cases on the real road, all on one: facts by the schools' doors, people by theirs, in order of time.

What is heard is kept as it stood on the dates the stories conclude something, and is judged afterwards.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from aanwezig.cli.following import Follower
from aanwezig.contracts.identifiers import crossed
from aanwezig.contracts.messages import Track
from aanwezig.contracts.topics import (
    CASES,
    CASES_HALT,
    CASES_POLICE_REPORT,
    CHAIN_REGISTER,
    CROSSINGS,
    DECISIONS,
    FACTS,
    FINDINGS,
    TOPICS,
)
from support.living import DIRECTOR, TABLE, chain_pseudonym, standing_now
from support.narrated.desk import known_by
from support.narrated.places import Child, Event
from support.narrated.story import AsOf, Decided, Ended, Scenario, Took
from support.people import a_partner, an_officer, key_of
from support.road import KEYS, LISTENING, OPERATOR, Road

PACK: Final = ("nl-2024", "2000-08-01")
HALT: Final = "halt-oost"
_FORCE: Final[frozenset[Track]] = frozenset({"halt", "police-report"})
_TO_JUSTICE: Final = frozenset({CROSSINGS.name, CASES_HALT.name, CASES_POLICE_REPORT.name})
_TO_CASES: Final = (
    ("classifier", FACTS.name), ("case-router", FINDINGS.name), ("case-router", DECISIONS.name),
    ("case-router-justice", CROSSINGS.name),
)  # fmt: skip
_FOLLOWED: Final = _TO_JUSTICE | {FINDINGS.name, CASES.name}
Json = dict[str, Any]
Act = Took | Decided | Ended


@dataclass(frozen=True)
class Played:
    """A story on the stage. `again`: which telling of its case it is; a later one has children and a school of its own."""

    scenario: Scenario
    again: int

    @cached_property
    def events(self) -> list[Event]:
        """Its facts in the order they were logged."""
        text = json.dumps(self.scenario.events)
        for child in self.scenario.children:
            text = text.replace(child.ref["number"], self.number(child))
        for school in self.scenario.schools:
            text = text.replace(school.id, f"{school.id[:-1]}{self.again}")
        return json.loads(text)  # type: ignore[no-any-return]

    @cached_property
    def town(self) -> str:
        """The municipality (CBS code) its children live in."""
        (town,) = {one["data"]["municipality"] for one in self.events if one["data"].get("municipality")}
        return str(town)

    @property
    def schools(self) -> list[tuple[str, str]]:
        """The id and type of each of its schools."""
        return [(f"{school.id[:-1]}{self.again}", school.type) for school in self.scenario.schools]

    def number(self, child: Child) -> str:
        """The number of a child in this telling."""
        return replace(child, place=child.place + self.again).ref["number"]

    def pseudonym(self, child: Child) -> str:
        """The name of a child in the chain."""
        return chain_pseudonym(f"number:{self.number(child)}")

    @property
    def lived(self) -> Iterator[tuple[int, AsOf]]:
        """Its conclusions that a life comes by, with their places: at the end of their day as much was known as they say.

        The others look back with later knowledge, or use another municipality's definition.
        """
        for number, one in enumerate(self.scenario.concluded):
            told, logged = (
                {event["id"] for event in known if _is_seen(event, one.on)}
                for known in (
                    known_by(self.scenario, one),
                    [event for event in self.scenario.events if event["time"][:10] <= one.on],
                )
            )
            if one.definition == AsOf("2000-01-01").definition and told == logged:
                yield number, one


def _is_seen(event: Event, on: str) -> bool:
    data = event["data"]
    return (data.get("date") or data.get("from") or "") <= on


def cast(scenarios: Iterable[Scenario]) -> list[Played]:
    """These stories for one stage."""
    by_case = groupby(scenarios, lambda one: one.case.split("/")[0])
    return [Played(one, again) for _, tellings in by_case for again, one in enumerate(tellings)]


@dataclass(frozen=True)
class Seen:
    """What stood when a conclusion's date was over: findings of the children, and per child its cases from old to new.

    A case as the officers' door shows it, with `routed_by`: the rule that routed it last, and `decided`: whether a person did.
    """

    findings: list[Json]
    cases: dict[str, list[Json]]


@dataclass(frozen=True)
class Answered:
    """What the officers' door answered, and the journal of the case before and after."""

    status: int
    body: Json
    before: Json
    after: Json


@dataclass
class Heard:
    """Everything that came of it. By story and place: what was seen at a conclusion, and what an act was answered.

    `journals` by case; `cases` by pupil from old to new; `too_early`: what justice heard before anybody had decided.
    """

    receipts: list[Json] = field(default_factory=list)
    seen: dict[tuple[str, int], Seen] = field(default_factory=dict)
    answers: dict[tuple[str, int], Answered] = field(default_factory=dict)
    journals: dict[str, Json] = field(default_factory=dict)
    cases: dict[str, list[str]] = field(default_factory=dict)
    too_early: list[tuple[str, str]] = field(default_factory=list)
    topics: dict[str, list[tuple[str | None, Json]]] = field(default_factory=dict)


class Stage:
    """A road on which stories are lived."""

    def __init__(self, road: Road, played: list[Played]) -> None:
        self.heard = Heard()
        self._road = road
        self._played = played
        self._findings: list[tuple[str | None, Json]] = []
        self._said: dict[str, list[Json]] = defaultdict(list)
        self._decided: set[str] = set()
        self._facts = sorted(
            (event for one in played for event in one.events), key=lambda event: str(event["time"])
        )
        self._system = {event["source"]: _system(event["source"]) for event in self._facts}

    async def live(self) -> Heard:
        """Everything, from the first fact to the last act."""
        road, played = self._road, self._played
        await self._register()
        acts = _grouped(
            (act.on, (one, place, act)) for one in played for place, act in enumerate(one.scenario.done)
        )
        conclusions = _grouped(
            (known.on, (one, place, known)) for one in played for place, known in one.lived
        )
        topics = [topic for topic in road.topics if topic.name in _FOLLOWED]
        async with Follower(road.engines.kafka_bootstrap, topics) as self._follower:
            last = max(one.scenario.last_day for one in played).isoformat()
            for day in sorted({*acts, *conclusions, last}):
                seen = conclusions.get(day, ())
                await self._tell_until(day)
                await road.close_day(date.fromisoformat(day))
                asks = day in acts or any(known.answers for _, _, known in seen)
                await self._listen(_TO_CASES if asks else _TO_CASES[:1])
                for one, place, act in acts.get(day, ()):
                    await self._act(one, place, act)
                if day in acts and seen:
                    await self._listen(_TO_CASES)
                for one, place, known in seen:
                    self.heard.seen[one.scenario.case, place] = await self._seen(one, known)
            await self._listen(LISTENING)
        for pupil, cases in self._cases().items():
            self.heard.cases[pupil] = cases
            for case in cases:
                self.heard.journals[case] = await self._journal(case)
        for topic in TOPICS:
            self.heard.topics[topic.name] = await road.read(topic.name)
        return self.heard

    async def _register(self) -> None:
        road, played = self._road, self._played
        schools = [(school, kind, one.town) for one in played for school, kind in one.schools]
        towns = sorted({one.town for one in played})
        await road.register(
            systems=[
                (name, source, [school for school, *_ in schools if source.endswith(school[:4])])
                for source, name in self._system.items()
            ],
            schools=schools,
            municipalities=[(town, *PACK) for town in towns],
            recipients=[TABLE, DIRECTOR, a_partner(HALT, "halt").data],
        )  # fmt: skip
        for town in towns:
            officer = an_officer(_officer(town), town, _key(town))
            await road.say(CHAIN_REGISTER.name, key_of(officer), officer.name, officer.data)
        for name in self._system.values():
            await road.post(name, [{"id": "knock"}])
        async with asyncio.timeout(60):
            while (await self._get("/v1/cases", _key(towns[-1]))).status_code != 200:
                pass  # each question waits for the door

    async def _tell_until(self, day: str) -> None:
        """Every fact logged up to this day, of all senders at the same time; a calendar is heard before what comes after it."""
        now = [event for event in self._facts if event["time"][:10] <= day]
        self._facts = self._facts[len(now) :]
        for calendars, told in groupby(now, lambda event: "calendar-recorded" in event["type"]):
            if calendars:
                await self._road.until_idle(along=_TO_CASES)
            by_source = _grouped((event["source"], event) for event in told)
            posts = (self._road.post(self._system[source], events) for source, events in by_source.items())
            for receipts in await asyncio.gather(*posts):
                self.heard.receipts += receipts
            if calendars:
                await self._road.until_calendars_read()

    async def _act(self, one: Played, place: int, act: Act) -> None:
        cases = self._cases().get(one.pseudonym(act.child))
        if not cases:
            return  # nothing was found: what was to be answered is missing in the end
        case = cases[-1]
        if isinstance(act, Took) and act.who == "Halt":
            # Halt knows the case by its id in justice alone, and only because it heard of it.
            (known,) = {event["data"]["case"] for event in self._said[CASES_HALT.name]} & {_in_justice(case)}
            by_halt = {"kind": "person", "id": HALT}
            told = {"case": known, "step": act.step, "date": act.on, "actor": by_halt}
            at = datetime.combine(date.fromisoformat(act.on), time(15), UTC)
            await self._road.say(DECISIONS.name, known, "step-recorded", told, time=at)
            return
        before = await self._journal(case)
        path, data = _command(act)
        if isinstance(act, Decided):
            data["revision"] = (await self._get(f"/v1/cases/{case}", _key(one.town))).json()["revision"]
            if act.track in _FORCE and act.refused is None:
                self._decided.add(_in_justice(case))
        answer = await self._road.http().post(
            self._road.url("case-router", path), json={"case": case, **data},
            headers={
                "authorization": f"Bearer {_key(one.town)}", "accept-language": "en",
                "idempotency-key": f"{one.scenario.case}-{place}",
            },
        )  # fmt: skip
        said = Answered(answer.status_code, answer.json(), before, await self._journal(case))
        self.heard.answers[one.scenario.case, place] = said

    async def _listen(self, along: Iterable[tuple[str, str]]) -> None:
        """Hears what was said, when all records are handled along a part of the road."""
        await self._road.until_idle(along=along)
        for said in await self._follower.catch_up():
            if said.event.name == "day-closed":
                continue
            event = said.event.as_json()
            if said.topic == FINDINGS.name:
                self._findings.append((said.key, event))
            else:
                self._said[said.topic].append(event)
            if said.topic in _TO_JUSTICE and said.key not in self._decided:
                self.heard.too_early.append((said.topic, said.key))

    async def _seen(self, one: Played, known: AsOf) -> Seen:
        pupils = {one.pseudonym(child): child.name for child in one.scenario.children}
        said = [row for row in self._findings if row[0] in pupils]
        cases: dict[str, list[Json]] = {name: [] for name in pupils.values()}
        for pupil, name in pupils.items() if known.answers else ():
            for case in self._cases().get(pupil, ()):
                shown = (await self._get(f"/v1/cases/{case}", _key(one.town))).json()
                cases[name].append(shown | self._actors(case))
        standing = standing_now(said).values()
        return Seen([{**row, "pupil": pupils[row["pupil"]]} for row in standing], cases)

    def _cases(self) -> dict[str, list[str]]:
        """The cases of each pupil in the order they were opened."""
        found: dict[str, list[str]] = {}
        for event in sorted(self._said[CASES.name], key=lambda event: str(event["time"])):
            if "case-opened" in event["type"]:
                found.setdefault(event["data"]["pupil"], []).append(event["data"]["case"])
        return found

    def _actors(self, case: str) -> Json:
        """Which rule routed a case last, and whether a person ever decided in it."""
        own = [event["data"] for event in self._said[CASES.name] if "track-decided" in event["type"]]
        own = sorted((data for data in own if data["case"] == case), key=lambda data: data["revision"])
        rules = [data["actor"]["id"].partition("@")[0] for data in own if data["actor"]["kind"] == "rule"]
        return {"routed_by": rules[-1] if rules else None, "decided": len(rules) < len(own)}

    async def _journal(self, case: str) -> Json:
        answer = await self._get(f"/v1/cases/{case}/journal", OPERATOR)
        return answer.json()  # type: ignore[no-any-return]

    async def _get(self, path: str, key: str) -> Any:
        headers = {"authorization": f"Bearer {key}", "accept-language": "en"}
        return await self._road.http().get(self._road.url("case-router", path), headers=headers)


def _grouped(rows: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, row in rows:
        found.setdefault(name, []).append(row)
    return found


def _command(act: Act) -> tuple[str, Json]:
    """The door of an act, and what is said there beside the case and its revision."""
    if isinstance(act, Ended):
        return "/v1/outcomes", {"outcome": act.outcome}
    if isinstance(act, Took):
        return "/v1/steps", {"step": act.step, "date": act.on}
    said: Json = {"track": act.track, "subject": act.subject, "motive": act.motive}
    if act.consent is not None:
        said["consent"] = dict(zip(("youngster", "parents"), act.consent, strict=True))
    return "/v1/decisions", said


def _in_justice(case: str) -> str:
    return crossed(case, "justice", bytes.fromhex(KEYS["JUSTICE_KEY"]))


def _system(source: str) -> str:
    return f"system-{source[-4:].lower()}"


def _officer(town: str) -> str:
    return f"officer-{town}"


def _key(town: str) -> str:
    return f"key-of-officer-{town}"
