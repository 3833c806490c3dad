"""The command that maps foreign school ids to schools of ours, as far as it can be known."""

import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from aanwezig.cli.filerows import System

OURS: Final = "OURS"
"""What stands in a printed command for the school of ours that only its reader knows."""


def mapping_told(unmapped: Iterable[str], system: System, *, here: bool) -> Iterator[str]:
    """The lines to print; none where nothing is unmapped. Only one school of ours left for one foreign id is filled in.

    `here`: the command can be used on this machine; elsewhere it is the operator's.
    """
    foreign = list(unmapped)
    if not foreign:
        return
    left = [one for one in system.schools if one not in system.mapped.values()]
    ours = left[0] if len(left) == len(foreign) == 1 else OURS
    maps = " ".join(f"--map {shlex.quote(f'{one}={ours}')}" for one in foreign)
    who = "Map them" if here else "Ask the operator to map them"
    yield f"These school ids are not mapped to a school yet. {who}, and send what was refused again:"
    yield f"  aanwezig systems add {system.name} {maps}"
    if ours == OURS:
        yield f"  {OURS} stands for one of the schools of {system.name}: {', '.join(system.schools) or 'none'}"
