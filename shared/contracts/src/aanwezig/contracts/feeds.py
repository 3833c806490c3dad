"""What is said of a school to itself, and between the owners of its facts to find a silent one (ADR 7), as models of `data`."""

from datetime import date
from typing import Annotated

from pydantic import Field

from aanwezig.contracts.messages import Digits, Exact, MeasuredSaid, Message, RuleNamed

_Revision = Annotated[int, Field(ge=1)]


class Remaining(Message):
    """An amount in the unit of what was measured: decimal text to read, `exact` as a fraction."""

    value: Digits
    exact: Exact


class Leaving(Message):
    """An amount that is out of the sum from this date on, if nothing more is told."""

    on: date
    value: Digits
    exact: Exact


class DistanceMeasured(Message):
    """How far a pupil is from the threshold, for its school alone (`rules.md` 3): pseudonym of the school domain.

    `measured` is the sum as of `on`, `distance` what is left to the threshold; `leaves` when parts of the sum will leave it.
    """

    pupil: str
    school: str
    revision: _Revision
    on: date
    rule: RuleNamed
    measured: MeasuredSaid
    distance: Remaining
    leaves: list[Leaving]


class FeedMarked(Message):
    """Whether any mark of a school on a date stands in one partition of the facts, `origin`."""

    school: str
    date: date
    origin: Annotated[int, Field(ge=0)]
    revision: _Revision
    marks: bool


class EnrolledSpan(Message):
    """First and last date of an enrolment, both included; null: open."""

    from_: date = Field(alias="from")
    until: date | None


class FeedEnrolled(Message):
    """A pupil's share in what its school is expected to tell; pseudonym of the school domain.

    `firsts`: where enrolments leave room, the first marked lesson day of each school year, which implies one.
    """

    school: str
    pupil: str
    revision: _Revision
    enrolments: list[EnrolledSpan]
    firsts: list[date]


class FeedDayClosed(Message):
    """Everything up to a date was said of every school from one partition of the facts, `origin` of `origins`."""

    date: date
    origin: Annotated[int, Field(ge=0)]
    origins: Annotated[int, Field(ge=1)]
