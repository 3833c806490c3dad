"""What the classifier remembers of pupils between batches: bounded, and rebuilt from the store after a crash."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from aanwezig.chassis.shelf import Kept
from aanwezig.law.attention import Attention
from aanwezig.law.shares import Share
from aanwezig.law.standing import Standing


@dataclass(slots=True)
class Pupil:
    """One pupil in memory. `standing` only where it was needed lately; `words` is how many it holds.

    `latest` is the last date anything that happened is about; `kept` the document on the shelf, if there is one. `shares`
    are its shares in what schools are expected to tell; `unsaid` the slots (school, date, slot) of which a word ever said
    that there is no mark.
    """

    attention: Attention
    kept: Kept | None = None
    standing: Standing | None = None
    words: int = 0
    latest: date | None = None
    shares: dict[str, Share] = field(default_factory=dict)
    unsaid: set[tuple[str, date, str]] = field(default_factory=set)


class Memory:
    """Pupils, least lately used first out. Standings go before attentions: they are large and seldom needed."""

    def __init__(self, *, words: int, pupils: int) -> None:
        self._pupils: OrderedDict[str, Pupil] = OrderedDict()
        self._standings: OrderedDict[str, None] = OrderedDict()
        self._words = 0
        self._most_words = words
        self._most_pupils = pupils

    def get(self, pseudonym: str) -> Pupil | None:
        """The pupil, if remembered."""
        pupil = self._pupils.get(pseudonym)
        if pupil is not None:
            self._pupils.move_to_end(pseudonym)
            if pupil.standing is not None:
                self._standings.move_to_end(pseudonym)
        return pupil

    def put(self, pseudonym: str, pupil: Pupil) -> None:
        """Remembers a pupil."""
        self._pupils[pseudonym] = pupil
        self._pupils.move_to_end(pseudonym)

    def holds(self, pseudonym: str, words: int) -> None:
        """Notes that a pupil's standing now holds this many words."""
        pupil = self._pupils[pseudonym]
        self._words += words - pupil.words
        pupil.words = words
        self._standings[pseudonym] = None
        self._standings.move_to_end(pseudonym)

    def trim(self) -> None:
        """Forgets what is over the bounds. Call it between steps: within one nothing is forgotten."""
        while self._words > self._most_words and self._standings:
            pseudonym, _ = self._standings.popitem(last=False)
            pupil = self._pupils[pseudonym]
            self._words -= pupil.words
            pupil.standing, pupil.words = None, 0
        while len(self._pupils) > self._most_pupils:
            pseudonym, pupil = self._pupils.popitem(last=False)
            if self._standings.pop(pseudonym, "absent") is None:
                self._words -= pupil.words

    def clear(self) -> None:
        """Forgets everything."""
        self._pupils.clear()
        self._standings.clear()
        self._words = 0

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._pupils))
