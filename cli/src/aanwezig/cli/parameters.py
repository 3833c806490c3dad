"""What may stand on the command line, checked with a sentence that says what is expected."""

import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, get_args

import click
from pydantic import ValidationError

from aanwezig.cli.pack_names import installed
from aanwezig.contracts.facts import SchoolType
from aanwezig.contracts.identifiers import is_school
from aanwezig.contracts.messages import Meetings, QuietHours, SchoolRegistered
from aanwezig.law.data_files import NoSuchRule, UnreadableRule

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_YEAR: Final = re.compile(r"([0-9]{4})-([0-9]{4})")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CODE: Final = re.compile(r"[0-9]{4}")
_WEEKS: Final = re.compile(r"[1-9]|1[0-9]|2[0-6]")
_SCHOOL_TYPES: Final = get_args(SchoolType)
STDIN: Final = "-"


class DateParameter(click.ParamType[date]):
    """A calendar date, `2024-09-02`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; anything that is no existing date is refused."""
        if isinstance(value, date):
            return value
        read = _date(str(value))
        if read is None:
            self.fail(
                f"{value!r} is not an existing date. Write YYYY-MM-DD, for example 2024-09-02.", param, ctx
            )
        return read


class MomentParameter(click.ParamType[str]):
    """A moment with its time zone, `2024-09-02T09:05:00+02:00`; kept as text, as a sender would write it."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text; anything that is no moment with a time zone is refused."""
        text = str(value)
        if not _is_moment(text):
            self.fail(
                f"{text!r} is not a moment with a time zone, such as 2024-09-02T09:05:00+02:00.", param, ctx
            )
        return text


class PeriodParameter(click.ParamType[str]):
    """A month, `2024-09`, or a school year, `2024-2025`."""

    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text, if it is either."""
        text = str(value)
        year = _YEAR.fullmatch(text)
        if not _MONTH.fullmatch(text) and not (year and int(year[2]) == int(year[1]) + 1):
            self.fail(f"{text!r} is neither a month, 2024-09, nor a school year, 2024-2025.", param, ctx)
        return text


class NameParameter(click.ParamType[str]):
    """An id of our own registers: small letters, digits and hyphens, at most 63."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if it has that form."""
        text = str(value)
        if not _NAME.fullmatch(text):
            self.fail(
                f"{text!r} is not a name: use small letters, digits and hyphens, at most 63.", param, ctx
            )
        return text


class CodeParameter(click.ParamType[str]):
    """A municipality's CBS code: four digits."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code, if it has that form."""
        text = str(value)
        if not _CODE.fullmatch(text):
            self.fail(
                f"{text!r} is not the CBS code of a municipality: four digits, for example 0637.", param, ctx
            )
        return text


class SchoolParameter(click.ParamType["SchoolRegistered | str"]):
    """A school: its id, or `25PL00=Name,vo,0637`: id, name, type, municipality."""

    name = "school"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> SchoolRegistered | str:
        """The school to register; the bare id where nothing else was said."""
        if isinstance(value, SchoolRegistered):
            return value
        text = str(value)
        school, told, rest = text.partition("=")
        if not is_school(school):
            self.fail(f"{school!r} is not a school: BRIN and two digits, for example 25PL00.", param, ctx)
        if not told:
            return school
        name, *kind_and_place = rest.rsplit(",", 2)
        if not name.strip() or len(kind_and_place) != 2:
            self.fail(f"{text!r}: write id, name, type and municipality, '25PL00=Name,vo,0637'.", param, ctx)
        kind, place = (part.strip() for part in kind_and_place)
        if kind not in _SCHOOL_TYPES:
            self.fail(f"{kind!r} is not a type of school: {', '.join(_SCHOOL_TYPES)}.", param, ctx)
        if not _CODE.fullmatch(place):
            self.fail(f"{place!r} is not the CBS code of a municipality: four digits.", param, ctx)
        said = {"school": school, "name": name.strip(), "type": kind, "municipality": place}
        return SchoolRegistered.model_validate(said)


class PackFromParameter(click.ParamType[tuple[str, str]]):
    """A rule pack and the date from which it holds, `nl-2024=2024-08-01`."""

    name = "pack"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The pack's name and the date as text; without a date, that from which the pack itself is valid."""
        if isinstance(value, tuple):
            return value
        name, told, since = str(value).partition("=")
        here = installed()
        try:
            versions = here.versions(name)
        except NoSuchRule:
            self.fail(f"There is no pack {name!r}. Known: {', '.join(here.names())}.", param, ctx)
        except UnreadableRule as refused:
            self.fail(str(refused), param, ctx)
        if not told:
            return name, versions[0].valid_from.isoformat()
        if _date(since) is None:
            self.fail(f"{since!r} is not an existing date. Write YYYY-MM-DD.", param, ctx)
        return name, since


class QuietParameter(click.ParamType[QuietHours]):
    """Hours of each day in which nothing normal is delivered, `18:00-08:00`; they may span midnight."""

    name = "hours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> QuietHours:
        """The hours; nothing else than two different times of a day."""
        if isinstance(value, QuietHours):
            return value
        first, _, last = str(value).partition("-")
        try:
            hours = QuietHours.model_validate({"from": first, "until": last})
        except ValidationError:
            self.fail(
                f"{value!r} are no hours: write two times of a day, for example 18:00-08:00.", param, ctx
            )
        if first == last:
            self.fail(f"{value!r} is no time at all, or all of it: write two different times.", param, ctx)
        return hours


class MeetsParameter(click.ParamType[Meetings]):
    """When a table meets: the first date and every so many weeks, `2024-09-02/2`; without a number every week."""

    name = "meetings"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Meetings:
        """The meetings; the date exists and the weeks are 1 to 26."""
        if isinstance(value, Meetings):
            return value
        first, told, weeks = str(value).partition("/")
        day = _date(first)
        if day is None or (told and not _WEEKS.fullmatch(weeks)):
            self.fail(
                f"{value!r} are no meetings: write the first date and every how many weeks (1 to 26), "
                "for example 2024-09-02/2.", param, ctx,
            )  # fmt: skip
        return Meetings(first=day, every_weeks=int(weeks) if told else 1)


class FileParameter(click.ParamType[str]):
    """A file that can be read, or `-` for what comes in on stdin. One that cannot be read is wrong usage (2)."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The path as it was given. A pipe is not opened here: that would consume it."""
        text: str = os.fspath(value)
        if text == STDIN:
            return text
        path = Path(text)
        shown = click.format_filename(text)
        try:
            if not path.exists():
                self.fail(f"There is no file {shown}.", param, ctx)
            if path.is_dir():
                self.fail(f"{shown} is a directory; name the files in it.", param, ctx)
        except (OSError, ValueError):
            self.fail(f"{shown} cannot be a file.", param, ctx)
        if not os.access(path, os.R_OK):
            self.fail(f"{shown} may not be read by this user.", param, ctx)
        return text


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _is_moment(text: str) -> bool:
    try:
        return "T" in text.upper() and datetime.fromisoformat(text.upper()).tzinfo is not None
    except ValueError:
        return False


DATE: Final = DateParameter()
MOMENT: Final = MomentParameter()
PERIOD: Final = PeriodParameter()
NAME: Final = NameParameter()
FILE: Final = FileParameter()
CBS_CODE: Final = CodeParameter()
SCHOOL: Final = SchoolParameter()
PACK_FROM: Final = PackFromParameter()
QUIET: Final = QuietParameter()
MEETS: Final = MeetsParameter()
