"""C4: a family abroad without leave, and a hearing that is put off. Seed S2, Twenterand, 2023-2024."""

from typing import Any

from support.narrated.places import NORTH_2023, Child, Event, School, Town
from support.narrated.story import Answered, AsOf, Decided, Found, Left, Scenario, Took, beat

CHILD = Child("the child", 200, born="2010-09-02")
SCHOOL = School("04NV00", "vo", (NORTH_2023,))
TWENTERAND = Town("1700")

AWAY = tuple(SCHOOL.days("2024-01-08", "2024-01-17"))
NINE = tuple(f"lesson-{number}" for number in range(1, 10))


def away(**how: Any) -> tuple[Event, ...]:
    """Seven days of nine lessons and one of eight: 71 lessons on eight days."""
    return (
        *SCHOOL.truant(CHILD, AWAY[:-1], slots=NINE, minutes=50, **how),
        *SCHOOL.truant(CHILD, AWAY[-1:], slots=NINE[:-1], minutes=50, **how),
    )


# Lessons so far: Monday 8 January 9; Tuesday the 7th lesson is the 16th. 2 left + 9 on Wednesday + 5 = 16 on Thursday 11.
# 4 left + 9 on Friday + 3 = 16 on Monday 15. 6 left + 9 on Tuesday + 1 = 16 on Wednesday 17. 7 remain: 4 x 16 + 7 = 71.
CROSSINGS = tuple(
    Found(CHILD, "statutory", at, "16.00", ordinal)
    for ordinal, at in enumerate(("2024-01-09", "2024-01-11", "2024-01-15", "2024-01-17"), start=1)
)
LUXURY = Found(CHILD, "luxury", "2024-01-08", "8.00")
# Ten days after 17 January: 18, 19, 22 to 26, 29, 30, 31.
RESTORED = Found(CHILD, "presence-restored", "2024-01-31", "10.00", about=("statutory", 4))
BEFORE_THE_TALK = "2024-02-04"

SCENARIO = Scenario(
    case="C4", title="abroad without leave", source="S2, Twenterand",
    schools=(SCHOOL,), children=(CHILD,),
    told=(
        beat(
            "Jan 2024", "a report: absent several days",
            TWENTERAND.registers(CHILD, "2015-01-01"),
            SCHOOL.enrols(CHILD, "2022-08-01"),
            away(),
            SCHOOL.present(CHILD, SCHOOL.days("2024-01-18", "2024-02-16")),
            assumed="a child of 13; away from the first day after the Christmas holiday, Monday 8 to Wednesday 17 January",
        ),
        beat("?", "invitation and talk: abroad without leave"),
        beat("?", "the officer ends the talk, calls it luxury, invites for a statement (the Wpg begins)"),
        beat(
            "?", "the school files it as luxury: 8 days, 71 lessons",
            away(reason="luxury", logged="2024-02-05"),
            SCHOOL.reports(CHILD, "luxury", "2024-01-08", logged="2024-02-05"),
            assumed="on Monday 5 February: the reason of every mark, and a report; not announced before",
        ),
        beat("Feb 2024", "the parent is heard as a suspect, with an interpreter; police report to the officer of justice"),
        beat("Jul 2024", "hearing: the parent cancels, the interpreter is at the wrong court; adjourned"),
        beat("Dec 2024", "the new date"),
    ),
    done=(
        Took("2024-01-30", "officer", "talk-held", CHILD, "abroad without leave; the talk is ended", assumed=True),
        Decided("2024-02-06", CHILD, "police-report", "pupil", refused="motive-missing"),
        Decided("2024-02-06", CHILD, "police-report", "parents"),
        Took("2024-02-26", "officer", "report-sent", CHILD, "police report: 8 days, 71 lessons"),
    ),
    left=(Left(CHILD, "in-progress"),),
    concluded=(
        AsOf("2024-01-08", known=BEFORE_THE_TALK),
        AsOf("2024-01-09", CROSSINGS[:1], known=BEFORE_THE_TALK, answers=(Answered(CHILD, "first", "prevention"),)),
        # 54 hours on Monday 15: at most 60, Halt could be. All 71 on Wednesday 17: above.
        AsOf(
            "2024-01-15", CROSSINGS[:3], known=BEFORE_THE_TALK,
            answers=(Answered(CHILD, "halt", "halt", by={("statutory", 2): "halt", ("statutory", 3): "halt"}),),
        ),
        AsOf(
            "2024-02-04", (*CROSSINGS, RESTORED), known=BEFORE_THE_TALK,
            answers=(Answered(CHILD, "halt-over", "police-report", by={("statutory", 4): "halt-over"}),),
        ),
        # The kind does not switch: the crossings stand, luxury joins the case. Of two rows with a police report the upper
        # one answers, and its subject is the parents.
        AsOf(
            "2024-02-05", (*CROSSINGS, RESTORED, LUXURY),
            answers=(
                Answered(
                    CHILD, "luxury", "police-report", "parents",
                    by={("luxury", 1): "luxury", ("statutory", 1): "first", ("statutory", 4): "halt-over"},
                ),
            ),
        ),
        AsOf("2024-07-31", (*CROSSINGS, RESTORED, LUXURY), answers=(Answered(CHILD, "luxury", "police-report", "parents"),)),
    ),
    never_kinds={
        "home-sitter": "eight lesson days are ten dates", "long-term": "eight lesson days are ten dates",
        "late-report": "the marks were said on their day; that their reason came later changes nothing",
    },
    unseen=(
        "where the family was, and that the law on supervision ended and the Wpg began with the second invitation",
        "the hearing, the interpreter, the court: steps of people",
        "the outcome: the case stays open over the end of the school year, so its year counts a police report without one",
    ),
)  # fmt: skip
