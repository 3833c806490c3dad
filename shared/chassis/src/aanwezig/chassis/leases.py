"""One writer among many instances: a lease in the store that ends by itself when its holder does."""

from datetime import UTC, datetime, timedelta

from aanwezig.chassis.errors import OwnershipLost
from aanwezig.chassis.store import Collection


class Lease:
    """A named lease. The holder renews it; after `seconds` without renewal another may take it."""

    def __init__(self, collection: Collection, name: str, holder: str, seconds: float) -> None:
        self._collection = collection
        self._name = name
        self._holder = holder
        self._length = timedelta(seconds=seconds)

    async def hold(self) -> bool:
        """Takes or renews the lease; False while another holds it.

        Raises:
            Unavailable: the store cannot tell.
        """
        now = datetime.now(UTC)
        free = {"_id": self._name, "$or": [{"holder": self._holder}, {"until": {"$lt": now}}]}
        try:
            taken = await self._collection.update(
                free, {"$set": {"holder": self._holder, "until": now + self._length}}, upsert=True
            )
        except OwnershipLost:
            return False
        return taken == 1

    async def release(self) -> None:
        """Gives the lease back, so that the next holder need not wait."""
        await self._collection.delete({"_id": self._name, "holder": self._holder})
