"""The local stack with our services in it: which processes, with which settings and keys."""

import asyncio
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from aanwezig.cli.homes import Clock, Home, Running
from aanwezig.local.kafka import KAFKA_PORT
from aanwezig.local.locking import Say, silent
from aanwezig.local.mongo import MONGO_PORT
from aanwezig.local.ports import ANY, HOST, PortBook
from aanwezig.local.processes import Process
from aanwezig.local.services import ServiceSpec
from aanwezig.local.stack import Engines, Stack

_SESSION_TIMEOUT_MS: Final = 6_000
_NOTIFIER: Final = "aanwezig.notifier"


@dataclass(frozen=True, slots=True)
class Member:
    """A service of the stack: its module, its usual port, and the keys it is given: its own, that of operators, and that of the chain for intake too (ADR 6).

    `keys` are the names of keys of the home by the setting that takes each. `domain`: of one program that runs once for each
    domain, which one this is (ADR 9, ADR 11).
    """

    name: str
    module: str
    port: int
    keys: Mapping[str, str]
    domain: str | None = None


def _own(*names: str) -> dict[str, str]:
    """Keys that the home knows by the name of the setting."""
    return {name: name for name in (*names, "operator_key")}


MEMBERS: Final = (
    Member("intake", "aanwezig.intake", 18080, _own("pseudonym_key", "number_key", "chain_key")),
    Member("classifier", "aanwezig.classifier", 18081, _own("chain_key", "health_key")),
    Member("case-router", "aanwezig.case_router", 18082, _own("justice_key"), "chain"),
    Member("case-router-health", "aanwezig.case_router", 18084, _own(), "health"),
    Member("case-router-justice", "aanwezig.case_router", 18085, _own(), "justice"),
    Member("notifier", _NOTIFIER, 18083, _own("seal_key"), "chain"),
    Member("notifier-school", _NOTIFIER, 18086, _own() | {"seal_key": "school_seal_key"}, "school"),
    Member("notifier-health", _NOTIFIER, 18087, _own() | {"seal_key": "health_seal_key"}, "health"),
    Member("notifier-justice", _NOTIFIER, 18088, _own() | {"seal_key": "justice_seal_key"}, "justice"),
)


def stack_of(home: Home, *, free_ports: bool | None = None, say: Say = silent) -> Stack:
    """The stack of a home, on the ports it was last started with unless told otherwise."""
    if free_ports is None:
        running = home.running()
        free_ports = running is not None and running.free_ports
    return Stack(
        home.places,
        kafka_port=ANY if free_ports else KAFKA_PORT,
        mongo_port=ANY if free_ports else MONGO_PORT,
        say=say,
    )


def start(
    home: Home,
    *,
    free_ports: bool | None = None,
    clock: Clock | None = None,
    settings: Mapping[str, str] | None = None,
    say: Say = silent,
) -> list[str]:
    """Starts engines, topics and services; the names of what did not run yet. What is not told is as last time.

    `settings` are further environment variables of all services (`AANWEZIG_BATCH_RECORDS`, say).

    Raises:
        LocalStackError, Unavailable, NeededIsAway: what is missing, in a sentence.
    """
    before = home.running()
    if free_ports is None:
        free_ports = before is not None and before.free_ports
    stack = stack_of(home, free_ports=free_ports, say=say)
    running = Running(
        kafka=stack.engines.kafka_bootstrap,
        mongo=stack.engines.mongo_uri,
        services=_addresses(home, free_ports=free_ports),
        clock=clock or (before.clock if before else "commanded"),
        free_ports=free_ports,
        settings=settings if settings is not None else (before.settings if before else {}),
    )
    specs = specs_of(home, running)
    home.remember(running)

    def make_topics(engines: Engines) -> None:
        # Only who starts a stack needs them: they take half the time of a command that looks at one.
        from aanwezig.chassis.topics import ensure_topics  # noqa: PLC0415
        from aanwezig.contracts.topics import TOPICS  # noqa: PLC0415

        say("the engines answer; making the topics that are missing")
        with quietly():
            asyncio.run(ensure_topics([engines.kafka_bootstrap], TOPICS))
        say("starting the services")

    say(f"starting Kafka and MongoDB in {home.places.home}")
    return stack.up(specs, before_services=make_topics)


def specs_of(home: Home, running: Running) -> list[ServiceSpec]:
    """How the services are started, in order. Their keys go by environment, never on a command line."""
    keys = home.keys()
    return [_spec(home, running, keys, member) for member in MEMBERS]


def _spec(home: Home, running: Running, keys: Mapping[str, str], member: Member) -> ServiceSpec:
    address = running.services[member.name]
    env = {
        "AANWEZIG_KAFKA": running.kafka,
        "AANWEZIG_MONGO": running.mongo,
        "AANWEZIG_HOST": HOST,
        "AANWEZIG_PORT": address.rsplit(":", 1)[1],
        "AANWEZIG_SESSION_TIMEOUT_MS": str(_SESSION_TIMEOUT_MS),
        "AANWEZIG_TRACES": str(home.places.log / f"{member.name}.traces.jsonl"),
    }
    env |= {f"AANWEZIG_{setting.upper()}": keys[name] for setting, name in member.keys.items()}
    if member.domain is not None:
        env["AANWEZIG_DOMAIN"] = member.domain
    if member.name == "classifier":
        env["AANWEZIG_CLOCK"] = running.clock
    if member.module == _NOTIFIER:
        env["AANWEZIG_PUBLIC_URL"] = address
        # Whoever tries a webhook on its own machine listens there, without a certificate.
        env["AANWEZIG_WEBHOOK_ALLOW_PRIVATE"] = "true"
    return ServiceSpec(
        name=member.name,
        argv=(sys.executable, "-m", member.module),
        env={**env, **running.settings},
        health_url=f"{address}/ready",
        start_limit=60.0,
    )


def _addresses(home: Home, *, free_ports: bool) -> dict[str, str]:
    book = PortBook(home.places.ports)
    ports = {
        member.name: book.port(
            member.name,
            ANY if free_ports else member.port,
            ours=Process(home.places, member.name).found() is not None,
        )
        for member in MEMBERS
    }
    return {name: f"http://{HOST}:{port}" for name, port in ports.items()}


@contextmanager
def quietly() -> Iterator[None]:
    """Within this block libraries keep their warnings to themselves: the command says what went wrong in its own words."""
    before = structlog.get_config()
    logger = logging.getLogger("aiokafka")
    level = logger.level
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        structlog.configure(**before)
        logger.setLevel(level)
