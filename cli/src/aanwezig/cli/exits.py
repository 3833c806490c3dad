"""How a command ends when it cannot do what was asked: one sentence on stderr and an exit code (`contract.md` 6).

0 fine, 1 the input or the outcome is at fault, 2 wrong usage (click's own `UsageError`, and a file that cannot be
read), 3 something needed is unavailable.
"""

from typing import Final

import click

FINE: Final = 0
AT_FAULT: Final = 1
WRONG_USAGE: Final = 2
NEEDED: Final = 3


class AtFault(click.ClickException):
    """The input or the outcome is at fault: exit code 1."""

    exit_code = AT_FAULT


class NeededIsAway(click.ClickException):
    """Something the command needs is not there: no stack, no Kafka, a taken port. Exit code 3."""

    exit_code = NEEDED
