"""Who is registered to hear of cases: a view of `chain.register.v1`, whole before the first case is handled."""

import hashlib
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from aanwezig.chassis import logs
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import RecipientRegistered

_KEYS: Final = "recipient/"
_log = logs.get(__name__)


class Recipients:
    """The registered recipients, by id."""

    def __init__(self) -> None:
        self._by_id: dict[str, RecipientRegistered] = {}
        self._by_key: dict[str, str] = {}

    async def on_register(self, key: str, event: Event | None) -> None:
        """One record of the register; officers, and whatever else it holds, are not ours."""
        if not key.startswith(_KEYS):
            return
        recipient = key.removeprefix(_KEYS)
        if event is None:
            self._by_id.pop(recipient, None)
            self._read_keys()
            return
        try:
            registered = RecipientRegistered.model_validate(event.data)
        except ValidationError:
            # What stood before stays: a clerk's slip must not make a desk deaf.
            _log.error("recipient.refused", recipient=recipient)
            return
        self._by_id[recipient] = registered
        self._read_keys()

    def __iter__(self) -> Iterator[RecipientRegistered]:
        return iter(sorted(self._by_id.values(), key=lambda one: one.recipient))

    def get(self, recipient: str) -> RecipientRegistered | None:
        """The registration of this id, if it stands."""
        return self._by_id.get(recipient)

    def by_key(self, bearer: str) -> RecipientRegistered | None:
        """The recipient whose key this is; None: unknown, replaced or removed."""
        named = self._by_key.get(hashlib.sha256(bearer.encode()).hexdigest())
        return None if named is None else self._by_id.get(named)

    def _read_keys(self) -> None:
        self._by_key = {key: one.recipient for one in self._by_id.values() for key in one.keys}
