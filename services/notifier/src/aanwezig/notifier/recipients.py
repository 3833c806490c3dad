"""Who is registered to hear of cases: a view of `chain.register.v1`, whole before the first case is handled."""

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

    async def on_register(self, key: str, event: Event | None) -> None:
        """One record of the register; officers, and whatever else it holds, are not ours."""
        if not key.startswith(_KEYS):
            return
        recipient = key.removeprefix(_KEYS)
        if event is None:
            self._by_id.pop(recipient, None)
            return
        try:
            registered = RecipientRegistered.model_validate(event.data)
        except ValidationError:
            # What stood before stays: a clerk's slip must not make a desk deaf.
            _log.error("recipient.refused", recipient=recipient)
            return
        self._by_id[recipient] = registered

    def __iter__(self) -> Iterator[RecipientRegistered]:
        return iter(sorted(self._by_id.values(), key=lambda one: one.recipient))

    def get(self, recipient: str) -> RecipientRegistered | None:
        """The registration of this id, if it stands."""
        return self._by_id.get(recipient)

    def by(self, channel: str) -> list[str]:
        """The ids of those who are reached by this channel."""
        return [one.recipient for one in self if one.channel == channel]
