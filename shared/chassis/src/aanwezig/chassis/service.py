"""How a service runs: its parts start in order, its health is its progress, its stop is graceful.

A service hands over a `Service` built in its `app.py`; `run` keeps it going until SIGTERM or SIGINT.
"""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import uvicorn
import uvloop
from faststream.kafka import KafkaBroker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from aanwezig.chassis import logs, metrics
from aanwezig.chassis.consuming import Consumer, Handler
from aanwezig.chassis.errors import Unavailable
from aanwezig.chassis.parking import Parking
from aanwezig.chassis.publishing import Publisher
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.chassis.store import Store
from aanwezig.chassis.tables import OnChange, Table
from aanwezig.chassis.telemetry import Tracing

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logs.get(__name__)
_MEASURE_SECONDS: Final = 1.0
Act = Callable[[], Awaitable[None]]


@dataclass
class Service:
    """One service and what it is made of. Build it with the methods below; nothing connects before `run`."""

    name: str
    settings: ServiceSettings
    parked_topic: str
    routes: list[BaseRoute] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = self.settings
        self.store = Store(
            settings.mongo.get_secret_value(),
            f"{settings.database_prefix}-{self.name}",
            settings.mongo_driver,
        )
        self.publisher = Publisher(settings.bootstrap, f"aanwezig-{self.name}-{settings.instance}")
        self.tracing = Tracing(self.name, settings.instance, settings.traces)
        self.parking = Parking(
            self.store,
            self.publisher,
            service=self.name,
            topic=self.parked_topic,
            budget=settings.parking_budget,
        )
        self.broker = KafkaBroker(
            settings.bootstrap, client_id=f"aanwezig-{self.name}-{settings.instance}", graceful_timeout=settings.grace_seconds,
            allow_auto_create_topics=False, logger=None, apply_types=False,
        )  # fmt: skip
        self.consumers: list[Consumer] = []
        self.tables: list[Table] = []
        self._starts: list[Act] = []
        self._loops: list[tuple[str, Act]] = []
        self._ready = False
        self._stopping = asyncio.Event()

    def on_start(self, act: Act) -> None:
        """Runs once the store and the broker answer, before any table or consumer (indexes, keys). May be tried again."""
        self._starts.append(act)

    def table(self, topic: str, on_change: OnChange) -> Table:
        """Reads a compacted topic whole before the first batch, and follows it."""
        table = Table(self.settings.bootstrap, topic, on_change)
        self.tables.append(table)
        return table

    def consume(self, topic: str, handler: Handler) -> Consumer:
        """Hands a topic's batches to a handler, in the service's group."""
        group = f"aanwezig-{self.name}-{topic}"
        consumer = Consumer(self.broker, topic, group, handler, self.parking, self.tracing, self.settings)
        self.consumers.append(consumer)
        return consumer

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
            async with asyncio.timeout(2):
                await self.store.ping()
                await self.publisher.partitions_of(self.parked_topic)
        except (Unavailable, TimeoutError):
            return "the database or the broker is away"
        return None

    def why_not_live(self) -> str | None:
        """Why an operator should restart this service; None while it makes progress (design.md, *What always holds* 4)."""
        return next(
            (why for consumer in self.consumers if (why := consumer.why_not_live()) is not None), None
        )

    async def serve(self) -> None:
        """Runs until told to stop, then stops within the grace time."""
        server = _Server(
            uvicorn.Config(
                Starlette(routes=[*self.routes, *self._own_routes()]),
                host=self.settings.host,
                port=self.settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_keep_alive=30,
                timeout_graceful_shutdown=int(self.settings.grace_seconds),
            )
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        door = asyncio.create_task(server.serve(), name="door")
        working = asyncio.create_task(self._work(), name="work")
        stop = asyncio.create_task(self._stopping.wait(), name="stop")
        await asyncio.wait({door, working, stop}, return_when=asyncio.FIRST_COMPLETED)
        _log.info("service.stopping")
        self._ready = False
        server.should_exit = True
        await asyncio.wait({door}, timeout=self.settings.grace_seconds)
        await self._down()
        failed = None if not working.done() else working.exception()
        working.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await working
        stop.cancel()
        await self.store.close()
        self.tracing.close()
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
        async with asyncio.TaskGroup() as group:
            group.create_task(self._measure())
            for name, act in self._loops:
                group.create_task(self._forever(name, act), name=name)

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
            await self.broker.start()

    async def _down(self) -> None:
        try:
            async with asyncio.timeout(self.settings.grace_seconds):
                await self.broker.stop()
                for table in self.tables:
                    await table.stop()
                await self.publisher.stop()
        except TimeoutError:
            _log.warning("service.stop-cut-short")

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
        while not _cancelled():
            try:
                await act()
            except Unavailable as away:
                _log.warning("loop.waits", loop=name, why=str(away))
            except Exception as fault:
                _log.error("loop.failed", loop=name, error=type(fault).__name__)
            await asyncio.sleep(1)

    async def _measure(self) -> None:
        while not _cancelled():
            for consumer in self.consumers:
                await consumer.settle_when_idle()
                try:
                    async with asyncio.timeout(5):
                        await consumer.measure()
                except Exception as away:
                    _log.debug("lag.unknown", topic=consumer.topic, error=type(away).__name__)
            await asyncio.sleep(_MEASURE_SECONDS)

    def _own_routes(self) -> Sequence[BaseRoute]:
        return [Route("/live", self._live), Route("/ready", self._is_ready), Route("/metrics", self._metrics)]

    async def _live(self, _request: Request) -> Response:
        why = self.why_not_live()
        return JSONResponse({"live": why is None, "why": why}, status_code=200 if why is None else 503)

    async def _is_ready(self, _request: Request) -> Response:
        why = await self.why_not_ready()
        lag: dict[str, int | None] = {consumer.topic: consumer.lag for consumer in self.consumers}
        if why is None:
            lag |= {table.topic: await table.behind() for table in self.tables}
        said = {
            "ready": why is None,
            "why": why,
            "lag": lag,
            "parked": await self.parking.count() if why is None else None,
        }
        return JSONResponse(said, status_code=200 if why is None else 503)

    async def _metrics(self, _request: Request) -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4")


def _cancelled() -> bool:
    """Whether this task was told to end: Python 3.11's `wait_for`, in a driver's depths, may swallow the cancellation."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> "Iterator[None]":
        """Signals belong to the service: it stops the door, then the rest."""
        yield


def run(build: Callable[[], Service]) -> None:
    """Builds a service inside a running loop and serves it. The entry of every `__main__`."""

    async def main() -> None:
        service = build()
        logs.setup(service.name, service.settings.instance, service.settings.log_level)
        await service.serve()

    uvloop.run(main())
