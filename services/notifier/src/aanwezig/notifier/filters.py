"""What a subscription wants to hear: types of what happened, tracks, municipalities. And why a wish is refused. Pure.

A filter narrows what the notice table tells a role, and never widens it. Retractions do not pass through it: who was told
something is told that it is taken back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Final, get_args

from aanwezig.contracts.envelope import TYPE_PREFIX, type_of
from aanwezig.contracts.messages import Track
from aanwezig.notifier.problems import Problem
from aanwezig.notifier.table import ROLES_OF, TABLES, Domain, Row, rows_heard

TRACKS: Final[tuple[Track, ...]] = get_args(Track)
_CBS: Final = re.compile("[0-9]{4}")
_VERSION: Final = re.compile(r"\.v[0-9]*$")
_NOBODY: Final = "0000"
_NEAREST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Filter:
    """`types` are CloudEvents types of what happened; no `tracks` or no `municipalities`: all that the role may hear."""

    types: tuple[str, ...]
    tracks: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()

    def matches(self, happened: str, track: str | None, municipality: str | None) -> bool:
        """Whether this is wanted. What has no track passes where no track is asked for only; so for a municipality."""
        return (
            happened in self.types
            and (not self.tracks or track in self.tracks)
            and (not self.municipalities or municipality in self.municipalities)
        )

    def folded(self) -> "Filter":
        """The same wish: each word once, in order of the alphabet."""
        return Filter(
            tuple(sorted(set(self.types))),
            tuple(sorted(set(self.tracks))),
            tuple(sorted(set(self.municipalities))),
        )


def refusal(wanted: Filter, role: str, municipality: str | None, domain: Domain) -> Problem | None:
    """Why this role, registered for this municipality (None: the whole region), cannot have this filter; None: it can."""
    heard = types_heard(domain, role)
    return _types(wanted.types, heard, domain) or _tracks(wanted.tracks) or _places(wanted, municipality)


@cache
def types_heard(domain: Domain, role: str) -> tuple[str, ...]:
    """The types of what happened that a role can hear of by webhook in a domain."""
    return heard_of(TABLES[domain], role)


def heard_of(table: Sequence[Row], role: str) -> tuple[str, ...]:
    """The types that a role can hear of by webhook: of its own rows, and those of who was told one of its words."""
    heard = (row for row in rows_heard(table, role) if "webhook" in row.channels)
    return tuple(sorted({type_of(row.event) for row in heard}))


def domains_of(role: str) -> tuple[Domain, ...]:
    """The domains in which a role hears something."""
    return tuple(domain for domain, roles in ROLES_OF.items() if role in roles)


@cache
def _types_anywhere() -> Mapping[str, tuple[Domain, ...]]:
    """Every type some role can hear of somewhere, with the domains."""
    found: dict[str, tuple[Domain, ...]] = {}
    for domain, roles in ROLES_OF.items():
        for one in {one for role in roles for one in types_heard(domain, role)}:
            found[one] = (*found.get(one, ()), domain)
    return found


def _types(types: Sequence[str], heard: Sequence[str], domain: Domain) -> Problem | None:
    if not types or any("*" in one for one in types):
        return Problem("filter-too-broad", field="filter.types", known=heard)
    for place, one in enumerate(types):
        field = f"filter.types.{place}"
        if one in heard:
            continue
        if domain in _types_anywhere().get(one, ()):
            return Problem("type-never-heard", field=field, known=heard)
        if one in _types_anywhere():
            return Problem(
                "type-of-another-domain", ", ".join(_types_anywhere()[one]), field=field, known=heard
            )
        return Problem("unknown-type", field=field, known=heard, nearest=_nearest(one, heard))
    return None


def _nearest(said: str, heard: Sequence[str]) -> str | None:
    """The type that was probably meant. Only the names are compared: what all types share would make any two alike."""
    names = {_short(one): one for one in heard}
    near = get_close_matches(_short(said.lower()), list(names), n=1, cutoff=_NEAREST)
    return names[near[0]] if near else None


def _short(said: str) -> str:
    """The short name in what may have been meant as a type, without prefix and version."""
    return _VERSION.sub("", said.removeprefix(TYPE_PREFIX))


def _tracks(tracks: Sequence[str]) -> Problem | None:
    for place, one in enumerate(tracks):
        if one not in TRACKS:
            near = get_close_matches(one.lower(), TRACKS, n=1, cutoff=_NEAREST)
            return Problem(
                "unknown-track",
                field=f"filter.tracks.{place}",
                known=TRACKS,
                nearest=near[0] if near else None,
            )
    return None


def _places(wanted: Filter, registered: str | None) -> Problem | None:
    for place, one in enumerate(wanted.municipalities):
        field = f"filter.municipalities.{place}"
        if _CBS.fullmatch(one) is None or one == _NOBODY:
            return Problem("no-municipality", field=field)
        if registered not in {None, one}:
            return Problem("another-municipality", registered or "", field=field, known=(registered or "",))
    return None
