"""How a service runs: its parts start in order, its health is its progress, its stop is graceful.

A service hands over a `Service` built in its `app.py`; `run` keeps it going until SIGTERM or SIGINT.
"""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn
import uvloop
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.connections import Bounds, bounded, room_for
from aanwezig.chassis.consuming import Consumer, Handler
from aanwezig.chassis.ending import ended, told_to_end
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.lanes import LaneHandler, Lanes
from aanwezig.chassis.nowhere import Nowhere, handlers, told_nowhere
from aanwezig.chassis.operating import ParkedDoor
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.publishing import Publisher
from aanwezig.chassis.serving import CutOff, Server
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.chassis.store import Store
from aanwezig.chassis.tables import OnChange, Table
from aanwezig.chassis.telemetry import Tracing

_log = logs.get(__name__)
_MEASURE_SECONDS: Final = 1.0
_ANSWER_SECONDS: Final = 2.0
_AWAY: Final = "the database or the broker is away"
# Of the grace time: what requests and batches in hand may take, and what remains to let connections go.
_FINISH_SHARE: Final = 0.7
_LET_GO_SHARE: Final = 0.25
Act = Callable[[], Awaitable[None]]


@dataclass
class Service:
    """One service and what it is made of. Build it with the methods below; nothing connects before `run`.

    `new_topics_seconds`: how soon topics that appear under a pattern are seen. `nowhere`: what its door answers where there
    is no such address.
    """

    name: str
    settings: ServiceSettings
    parked_topic: str
    new_topics_seconds: float = 300.0
    routes: list[BaseRoute] = field(default_factory=list)
    nowhere: Nowhere = told_nowhere

    def __post_init__(self) -> None:
        settings = self.settings
        self.store = Store(
            settings.mongo.get_secret_value(),
            f"{settings.database_prefix}-{self.name}",
            settings.mongo_driver,
        )
        self.publisher = Publisher(settings.access, f"aanwezig-{self.name}-{settings.instance}")
        self.tracing = Tracing(self.name, settings.instance, settings.traces)
        self.parking = Parking(
            self.store,
            self.publisher,
            service=self.name,
            topic=self.parked_topic,
            budget=settings.parking_budget,
            days=settings.parked_days,
        )
        self.broker = KafkaBroker(
            settings.bootstrap, security=settings.access.for_faststream(),
            client_id=f"aanwezig-{self.name}-{settings.instance}",
            graceful_timeout=settings.grace_seconds * _FINISH_SHARE / 2,
            allow_auto_create_topics=False, logger=None, apply_types=False, retry_backoff_ms=250,
            metadata_max_age_ms=int(self.new_topics_seconds * 1000),
        )  # fmt: skip
        self.consumers: list[Consumer | Lanes] = []
        self.tables: list[Table] = []
        self._starts: list[Act] = []
        self._loops: list[tuple[str, Act]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = False
        self._stopping = asyncio.Event()

    def on_start(self, act: Act) -> None:
        """Runs once the store and the broker answer, before any table or consumer (indexes, keys). May be tried again."""
        self._starts.append(act)

    def table(self, topic: str, on_change: OnChange) -> Table:
        """Reads a compacted topic whole before the first batch, and follows it."""
        table = Table(self.settings.access, topic, on_change)
        self.tables.append(table)
        return table

    def consume(self, topic: str, handler: Handler) -> Consumer:
        """Hands a topic's batches to a handler, in the service's group."""
        group = f"aanwezig-{self.name}-{topic}"
        consumer = Consumer(self.broker, topic, group, handler, self.parking, self.tracing, self.settings)
        self.consumers.append(consumer)
        return consumer

    def consume_all(self, family: str, pattern: str, handler: LaneHandler) -> Lanes:
        """Hands the records of every topic that matches a pattern to a handler, each topic apart from the others."""
        group = f"aanwezig-{self.name}-{family.partition('.<')[0]}"
        lanes = Lanes(self.broker, family, pattern, group, handler, self.settings)
        self.consumers.append(lanes)
        return lanes

    def keep_doing(self, name: str, act: Act) -> None:
        """Runs beside the consumers once the service is ready; it returns only when cancelled."""
        self._loops.append((name, act))

    @property
    def ready(self) -> bool:
        """Whether everything has started."""
        return self._ready

    async def why_not_ready(self) -> str | None:
        """What is not there yet or away now; None when the service can work."""
        if not self._ready:
            return "starting"
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self.store.ping()
                await self.publisher.ping()
        except (Unavailable, TimeoutError):
            return _AWAY
        return None

    def why_not_live(self) -> str | None:
        """Why an operator should restart this service; None while it makes progress (design.md, *What always holds* 4)."""
        parts: list[Consumer | Lanes | Table] = [*self.consumers, *self.tables]
        return next((why for part in parts if (why := part.why_not_live()) is not None), None)

    def stop(self) -> None:
        """Tells `serve` to end, as SIGTERM does."""
        self._stopping.set()

    async def serve(self) -> None:
        """Runs until told to stop, then stops within the grace time."""
        grace = self.settings.grace_seconds
        room = room_for(self.settings.connections)
        if room < self.settings.connections:
            _log.warning("connections.fewer", most=room, why="the limit of open files, see ulimit -n")
        routes = [*self.routes, *self._own_routes()]
        server = Server(
            uvicorn.Config(
                CutOff(Starlette(routes=routes, exception_handlers=handlers(routes, self.nowhere))),
                http=bounded(Bounds(room, self.settings.client_seconds)),
                ws="none",
                host=self.settings.host,
                port=self.settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_keep_alive=30,
                timeout_graceful_shutdown=max(1, int(grace * _FINISH_SHARE)),
            )
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        door = asyncio.create_task(server.serve(), name="door")
        working = self._beside("work", self._work())
        stop = asyncio.create_task(self._stopping.wait(), name="stop")
        await asyncio.wait({door, working, stop}, return_when=asyncio.FIRST_COMPLETED)
        _log.info("service.stopping")
        self._ready = False
        server.should_exit = True
        failed = working.exception() if working.done() and not working.cancelled() else None
        await self._down(door)
        await ended([door, stop], seconds=1)
        if failed is not None:
            raise failed
        _log.info("service.stopped")

    async def _work(self) -> None:
        await self._patiently(self._up)
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        self._ready = True
        _log.info("service.ready")
        self._beside("measure", self._forever("measure", self._measure))
        self._beside("settle", self._forever("settle", self._settle))
        for name, act in self._loops:
            self._beside(name, self._forever(name, act))
        await asyncio.Event().wait()

    def _beside(self, name: str, act: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(act, name=name)
        self._tasks.append(task)
        return task

    async def _up(self) -> None:
        await self.store.ping()
        await self.publisher.start()
        await self.parking.start()
        for act in self._starts:
            await act()
        for table in self.tables:
            if not table.whole:
                await table.start()
        for table in self.tables:
            await table.wait_whole()
        if self.consumers:
            try:
                await self.broker.start()
            except (KafkaError, OSError) as away:
                await self.broker.stop()
                raise Unavailable(f"the broker: {type(away).__name__}") from None

    async def _down(self, door: asyncio.Task[None]) -> None:
        """Ends what brings work in (loops, requests, batches, tables), then what they work with."""
        grace = self.settings.grace_seconds
        end = asyncio.get_running_loop().time() + grace * _FINISH_SHARE
        # Loops first, and a start that is under way: it would open what is being closed.
        await ended(self._tasks, seconds=grace * _FINISH_SHARE / 2)
        await _finished(
            {
                "door": door,
                "consumers": self._stop_reading(),
                **{table.topic: table.stop() for table in self.tables},
            },
            seconds=end - asyncio.get_running_loop().time(),
        )
        # Last, because all the others say and keep: what comes later finds a publisher that is closed.
        await _finished(
            {"publisher": self.publisher.stop(), "store": self.store.close()}, seconds=grace * _LET_GO_SHARE
        )
        self.tracing.close()

    async def _stop_reading(self) -> None:
        for consumer in self.consumers:
            if isinstance(consumer, Lanes):
                await consumer.revoked()
        await self.broker.stop()

    async def _patiently(self, act: Act) -> None:
        pause = 0.2
        while True:
            try:
                await act()
            except Unavailable as away:
                _log.warning("service.waits", why=str(away))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 3)
            else:
                return

    async def _forever(self, name: str, act: Act) -> None:
        while not told_to_end():
            try:
                await act()
            except Unavailable as away:
                _log.warning("loop.waits", loop=name, why=str(away))
            except Exception as fault:
                _log.error("loop.failed", loop=name, error=type(fault).__name__)
            await asyncio.sleep(1)

    async def _measure(self) -> None:
        while not told_to_end():
            for consumer in self.consumers:
                try:
                    async with asyncio.timeout(5):
                        await consumer.measure()
                except Exception as away:
                    _log.debug("lag.unknown", topic=consumer.topic, error=type(away).__name__)
            await asyncio.sleep(_MEASURE_SECONDS)

    async def _settle(self) -> None:
        # Beside the measuring: a take-over that hangs is what the measuring has to tell.
        while not told_to_end():
            await asyncio.gather(*(consumer.settle_when_idle() for consumer in self.consumers))
            await self._let_go_on()
            await asyncio.sleep(_MEASURE_SECONDS)

    async def _let_go_on(self) -> None:
        """Consumers that stopped because the parking budget was spent read on when it is not any more."""
        stopped = [consumer for consumer in self.consumers if consumer.stopped is not None]
        if stopped and await self.parking.within_budget():
            for consumer in stopped:
                await consumer.go_on()

    def _own_routes(self) -> Sequence[BaseRoute]:
        in_order = frozenset(consumer.topic for consumer in self.consumers if isinstance(consumer, Consumer))
        parked = ParkedDoor(self.parking, self.settings.operator_key, in_order)
        return [
            Route("/live", self._live),
            Route("/ready", self._is_ready),
            Route("/metrics", self._metrics),
            *parked.routes,
        ]

    async def _live(self, _request: Request) -> Response:
        why = self.why_not_live()
        return JSONResponse({"live": why is None, "why": why}, status_code=200 if why is None else 503)

    async def _is_ready(self, _request: Request) -> Response:
        why = await self.why_not_ready()
        lag: dict[str, int | None] = {consumer.topic: consumer.lag for consumer in self.consumers}
        parked = None
        if why is None:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    lag |= {table.topic: await table.behind() for table in self.tables}
                    parked = await self.parking.count()
            except (Unavailable, TimeoutError):
                why = _AWAY
        said = {"ready": why is None, "why": why, "lag": lag, "parked": parked}
        return JSONResponse(said, status_code=200 if why is None else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4")


async def _finished(parts: Mapping[str, Awaitable[None]], *, seconds: float) -> None:
    """Waits for each part to end; one that does not in these seconds is cut short, and that is told."""
    tasks = {asyncio.ensure_future(part): name for name, part in parts.items()}
    _, late = await asyncio.wait(tasks, timeout=max(seconds, 0.1))
    for task, name in tasks.items():
        if task in late:
            _log.warning("service.stop-cut-short", part=name)
        elif not task.cancelled() and (fault := task.exception()) is not None:
            _log.error("service.stop-failed", part=name, error=type(fault).__name__)
    await ended(late, seconds=1)


def run(build: Callable[[], Service]) -> None:
    """Builds a service inside a running loop and serves it. The entry of every `__main__`."""

    async def main() -> None:
        service = build()
        logs.setup(service.name, service.settings.instance, service.settings.log_level)
        await service.serve()

    uvloop.run(main())
