"""A batch of the facts topic in its parts: the words of pupils, and the closed days in their place among them."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pydantic import ValidationError

from aanwezig.chassis.consuming import Arrived
from aanwezig.chassis.errors import Unprocessable
from aanwezig.classifier.days import DAY_CLOSED
from aanwezig.classifier.ledger import Said
from aanwezig.contracts.facts import word_from
from aanwezig.contracts.messages import DayClosed


class Closed(NamedTuple):
    """A closed day, and the record it came in."""

    arrived: Arrived
    day: date


def sorted_out(batch: Sequence[Arrived]) -> tuple[list[Said], list[Closed]]:
    """The words of a batch, and its closed days.

    Raises:
        Unprocessable: one of its records is neither.
    """
    said: list[Said] = []
    closed: list[Closed] = []
    for arrived in batch:
        try:
            if arrived.event.name == DAY_CLOSED:
                closed.append(Closed(arrived, DayClosed.model_validate(arrived.event.data).date))
            elif arrived.key is None:
                raise Unprocessable("no-key")
            else:
                word = word_from(arrived.event)
                if getattr(word.fact, "pupil", None) != arrived.key:
                    raise Unprocessable("not-of-this-pupil")
                said.append(Said(arrived.key, arrived, word))
        except (ValidationError, KeyError, TypeError):
            raise Unprocessable("not-a-fact") from None
    return said, closed


def in_turns(said: Sequence[Said], closed: Sequence[Closed]) -> Iterator[tuple[list[Said], list[Closed]]]:
    """Words up to the next closed day of each partition, then those days; until nothing is left."""
    if not closed:
        yield list(said), []
        return
    queues: dict[int, deque[Said | Closed]] = defaultdict(deque)
    everything: list[Said | Closed] = [*said, *closed]
    for one in sorted(everything, key=lambda one: one.arrived.offset):
        queues[one.arrived.partition].append(one)
    while any(queues.values()):
        words: list[Said] = []
        days: list[Closed] = []
        for queue in queues.values():
            while queue and isinstance(queue[0], Said):
                words.append(queue.popleft())  # type: ignore[arg-type]
            if queue:
                days.append(queue.popleft())  # type: ignore[arg-type]
        yield words, days
