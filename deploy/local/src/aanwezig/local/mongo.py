from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from aanwezig.local.daemon import Daemon
from aanwezig.local.locking import Say, silent
from aanwezig.local.obtain import Programs
from aanwezig.local.places import Places
from aanwezig.local.ports import HOST
from aanwezig.local.processes import Launch, fingerprint

MONGO_PORT = 27117
REPLICA_SET = "rs0"

_NOT_YET_INITIALIZED = 94
_ATTEMPT_MS = 1000


class MongoEngine(Daemon):
    """One `mongod`, the only member of the replica set `rs0`, reachable from this machine only."""

    def __init__(
        self, places: Places, programs: Callable[[], Programs], *, port: int = MONGO_PORT, say: Say = silent
    ) -> None:
        super().__init__(places, "mongo", {"mongod": port}, say=say)
        self._programs = programs

    @property
    def uri(self) -> str:
        """The connection string for clients."""
        return f"mongodb://{HOST}:{self.ports['mongod']}/?replicaSet={REPLICA_SET}&directConnection=true"

    def launch(self) -> Launch:
        """Creates the data directory; the rest `mongod` does itself."""
        data = self._places.mongo
        self._places.prepare(data)
        argv = [
            str(self._programs().mongod),
            *("--dbpath", str(data)),
            *("--port", str(self.ports["mongod"])),
            *("--bind_ip", HOST),
            *("--replSet", REPLICA_SET),
            *("--wiredTigerCacheSizeGB", "0.25"),
            # Megabytes; by default it may grow to a twentieth of the disk.
            *("--oplogSize", "512"),
            "--quiet",
            # Else it leaves a socket in /tmp, and two stacks of different users would meet there.
            "--nounixsocket",
            # A lone primary has nobody to hand over to: by default it would wait 15 seconds when it is stopped.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]
        return Launch(argv, {}, fingerprint(*argv))

    def ready_now(self) -> bool:
        """
        Whether it is a writable primary.

        A member that is new is initiated on the way; one whose port was changed is told its new address.
        """
        member = f"{HOST}:{self.ports['mongod']}"
        # A client from before the initiation would never believe in sessions: a fresh one for each attempt.
        client: MongoClient[dict[str, Any]] = MongoClient(
            member,
            directConnection=True,
            serverSelectionTimeoutMS=_ATTEMPT_MS,
            connectTimeoutMS=_ATTEMPT_MS,
            socketTimeoutMS=5 * _ATTEMPT_MS,
        )
        with client:
            try:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
                _join(client, member)
            except PyMongoError:
                # It is still on its way up, or between two states: the next attempt will tell.
                return False
        return False


def _join(client: MongoClient[dict[str, Any]], member: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as failure:
        if failure.code == _NOT_YET_INITIALIZED:
            client.admin.command(
                "replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": member}]}
            )
            return
        raise
    if config["members"][0]["host"] != member:
        config["members"][0]["host"] = member
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
