from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from aanwezig.local.daemon import Daemon
from aanwezig.local.locking import Say, silent
from aanwezig.local.places import Places
from aanwezig.local.processes import Launch, fingerprint


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """
    A service as its caller wants it run.

    `argv` such as `(sys.executable, "-m", "aanwezig.intake")`; `env` is added to this process's environment;
    `health_url` answers 200 when the service is ready, on 127.0.0.1 and the port the service listens on.
    `start_limit` and `stop_grace` are seconds. `ports` names ports beside the one of `health_url`.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    health_url: str
    ports: Mapping[str, int] = field(default_factory=dict)
    start_limit: float = 30.0
    stop_grace: float = 20.0


class Service(Daemon):
    """A process that runs by a `ServiceSpec`."""

    def __init__(self, places: Places, spec: ServiceSpec, *, say: Say = silent) -> None:
        port = urlsplit(spec.health_url).port
        ports = dict(spec.ports) if port is None else {"http": port, **spec.ports}
        super().__init__(places, spec.name, ports, say=say)
        self.spec = spec
        self.start_limit = spec.start_limit
        self.stop_grace = spec.stop_grace

    def launch(self) -> Launch:
        """The specification, unchanged."""
        settings = (f"{name}={value}" for name, value in sorted(self.spec.env.items()))
        return Launch(self.spec.argv, self.spec.env, fingerprint(*self.spec.argv, *settings))

    def ready_now(self) -> bool:
        """Whether `health_url` answers 200 within two seconds."""
        try:
            # Never by a proxy the environment may name: the service is on this machine.
            with httpx.Client(trust_env=False, timeout=2, verify=False) as client:  # noqa: S501 - plain HTTP
                return client.get(self.spec.health_url).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


class Services:
    """Several services of one stack, started in the order given and stopped in reverse."""

    def __init__(self, places: Places, specs: Sequence[ServiceSpec], *, say: Say = silent) -> None:
        self._services = {spec.name: Service(places, spec, say=say) for spec in specs}
        if len(self._services) != len(specs):
            raise ValueError("two services have the same name")

    def __getitem__(self, name: str) -> Service:
        return self._services[name]

    def start(self) -> list[str]:
        """
        Starts all, then waits until each is ready; the names of those that did not run yet.

        Raises `PortTakenError` or `StartFailedError` for the first that fails; the others are left as they are.
        """
        spawned = [name for name, service in self._services.items() if service.spawn()]
        for service in self._services.values():
            service.wait_ready()
        return spawned

    def stop(self) -> None:
        """Stops all, the last started first."""
        for service in reversed(self._services.values()):
            service.stop()

    def restart(self, name: str) -> None:
        """Stops one in order and starts it; returns when it is ready."""
        self[name].stop()
        self[name].start()

    def kill(self, name: str) -> bool:
        """`kill -9` of one; whether it ran."""
        return self[name].kill()
