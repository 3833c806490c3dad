"""A date or a moment from which something is asked for."""

from datetime import UTC, date, datetime, time
from typing import Any, Final

import click

from aanwezig.cli.parameters import DATE, MOMENT
from aanwezig.contracts.dates import AMSTERDAM, utc_text


class SinceParameter(click.ParamType[str]):
    """A moment with its zone, or a date: from its first minute, in Amsterdam. Kept as the moment in UTC, as text."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The moment."""
        text = str(value)
        if "T" in text.upper():
            return utc_text(datetime.fromisoformat(MOMENT.convert(text, param, ctx).upper()))
        day: date = DATE.convert(text, param, ctx)
        return utc_text(datetime.combine(day, time(), AMSTERDAM).astimezone(UTC))


SINCE: Final = SinceParameter()
