"""Ending on Ctrl-C or SIGTERM between two steps, not in the middle of one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """Somebody asked this command to end."""


class Stop:
    """Within this block either signal raises `Stopped`: at once while it waits, behind the step where one is `held`.

    A second signal does not wait for the step. Only in the main thread, as signals are.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._held = 0

    def __enter__(self) -> Self:
        self._before: dict[int, Any] = {one: signal.signal(one, self._on_signal) for one in _SIGNALS}
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A step that is done to its end."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._asked and not self._held:
            raise Stopped

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1
        if not self._held or self._asked > 1:
            raise Stopped
