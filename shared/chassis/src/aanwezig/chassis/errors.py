"""The two errors (`style.md`, *Failure on one card*), and what else can end a batch."""


class Unavailable(Exception):
    """Not now: a database, a broker or a network is away. Retried with backoff, then the partition waits."""


class Unprocessable(Exception):
    """Never: the record is the contract, and yet meaningless for the domain. It is parked.

    `reason` is a word for a metric and a header: it holds nothing of the record.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OwnershipLost(Unavailable):
    """Another instance wrote the document since it was read: read it again, or leave it to the new owner."""


class BudgetSpent(Exception):
    """More was parked than the budget allows: the fault is ours, the service stops consuming and says so."""
