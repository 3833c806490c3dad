"""A gate before an engine: closed, nobody is there; opened, what comes through is the engine itself."""

import asyncio
from contextlib import suppress


class Gate:
    """Listens on a port of its own and passes bytes to `address` (host:port) while it is open."""

    def __init__(self, address):
        self._host, _, self._port = address.rpartition(":")
        self._server = None
        self._passing = set()
        self.port = None

    async def open(self):
        """Lets through; the port is the same each time."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port or 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self):
        """Cuts off what passes and lets nobody in."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._passing):
                writer.transport.abort()
            self._server = None

    async def _pass(self, reader, writer):
        there, back = await asyncio.open_connection(self._host, int(self._port))
        self._passing |= {writer, back}
        await asyncio.gather(_pump(reader, back), _pump(there, writer))
        self._passing -= {writer, back}


async def _pump(reader, writer):
    with suppress(OSError, asyncio.IncompleteReadError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    writer.close()
