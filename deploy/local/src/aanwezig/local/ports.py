import json
import random
import socket
from pathlib import Path

import psutil

from aanwezig.local.failures import EngineUnavailableError, PortTakenError

HOST = "127.0.0.1"
ANY = 0
"""As a port: any free one, remembered for the next start."""

# Below the range from which the kernel takes the ports of outgoing connections (32768 and up on Linux): else a
# client's own connection could sit on a server's port while that server restarts.
_FREE_RANGE = range(20_000, 32_000)


class PortBook:
    """
    The ports of one stack by name; freely chosen ones are written down in `file` (JSON: name to number).

    `port("kafka", 19092)` is 19092; `port("kafka", ANY)` is the one chosen last time, else a free one. One that
    a stranger has taken since is given up, unless `ours` says that it is our own process who is listening.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def port(self, name: str, wanted: int, *, ours: bool = False) -> int:
        """The port of that name; raises `EngineUnavailableError` in the unlikely case that none is free."""
        if wanted != ANY:
            return wanted
        chosen = self._read()
        if name not in chosen or not (ours or is_free(chosen[name])):
            chosen[name] = free_port(excluding=frozenset(chosen.values()))
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(chosen), "utf-8")
            fresh.replace(self._file)
        return chosen[name]

    def _read(self) -> dict[str, int]:
        if not self._file.exists():
            return {}
        return {str(name): int(port) for name, port in json.loads(self._file.read_text("utf-8")).items()}


def free_port(*, excluding: frozenset[int] = frozenset()) -> int:
    """A port on 127.0.0.1 nobody listens on now; raises `EngineUnavailableError` when none was found."""
    # Drawn at random, so that two runs side by side hardly ever choose the same.
    for port in random.sample(_FREE_RANGE, 200):
        if port not in excluding and is_free(port):
            return port
    raise EngineUnavailableError(f"no free port on {HOST} among 200 tried")


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at that port now."""
    with socket.socket() as probe:
        # As servers do: connections of an earlier server that are still fading are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def require_free(port: int, purpose: str) -> None:
    """Raises `PortTakenError`, which says by what, when the port is in use."""
    if not is_free(port):
        raise PortTakenError(
            f"port {port} ({purpose}) is taken by {holder(port)}; stop that or choose another port"
        )


def holder(port: int) -> str:
    """Who uses the port, for people: pid and command as far as this user may see them."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        connections = []
    holders = [each for each in connections if each.laddr and each.laddr.port == port]
    # A listener explains more than a connection that merely passes through.
    holders.sort(key=lambda each: each.status != psutil.CONN_LISTEN)
    for each in holders:
        if each.pid is not None:
            return f"pid {each.pid}: {_command(each.pid)}"
    return "a process this user cannot see"


def _command(pid: int) -> str:
    try:
        line = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return "(already gone)"
    return line if len(line) <= 120 else f"{line[:117]}..."
