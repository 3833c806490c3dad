"""C2: a boy at home with anxiety goes back to school step by step. Seed S2, Twenterand, 2023-2024."""

from datetime import date

from support.narrated.places import NORTH_2023, NORTH_2024, Child, School, Town
from support.narrated.story import Answered, AsOf, Ended, Found, Left, Scenario, Took, beat

BOY = Child("the boy", 100, born="2007-06-10")
SCHOOL = School("02NV00", "vo", (NORTH_2023, NORTH_2024))
TWENTERAND = Town("1700")

SPRING = tuple(SCHOOL.days("2024-04-08", "2024-07-19"))
WEDNESDAYS = tuple(day for day in SPRING if date.fromisoformat(day).isoweekday() == 3)
FOUR_DAYS = tuple(day for day in SPRING if day not in WEDNESDAYS)

HOME = Answered(BOY, "home", "care-meeting", by={("home-sitter", 1): "home"})
# 2 to 22 October are 21 dates; the week of 23 October is cut; 30 October to 5 November are 22 to 28, Friday 3 November is
# the 26th. Monday 6 November: 29.
FIRST = Found(BOY, "home-sitter", "2023-11-06", "29.00")
# To Friday 5 April: 30 + 30 + 31 + 31 + 29 + 31 + 5 = 187 dates, less four weeks cut (23 October, 25 December,
# 1 January, 19 February): 159. Easter Monday is a day off in a lesson week and counts.
GROWN = Found(BOY, "home-sitter", "2023-11-06", "159.00")
RETURNED = Found(BOY, "returned", "2024-04-08", "159.00", about=("home-sitter", 1))
RESTORED = Found(BOY, "presence-restored", "2024-09-11", "10.00", about=("home-sitter", 1))

SCENARIO = Scenario(
    case="C2", title="back to school", source="S2, Twenterand",
    schools=(SCHOOL,), children=(BOY,),
    told=(
        beat(
            "before end 2023", "a boy of 16 is at home for a long time with anxiety",
            TWENTERAND.registers(BOY, "2015-01-01"),
            SCHOOL.enrols(BOY, "2020-08-01"),
            SCHOOL.present(BOY, SCHOOL.days("2023-09-04", "2023-09-29")),
            SCHOOL.excused(BOY, SCHOOL.days("2023-10-02", "2024-04-05"), reason="illness"),
            assumed="born 10 June 2007; at home from Monday 2 October 2023, with permission",
        ),
        beat(
            "end 2023", "meeting of helpers, plan: therapy, and youth work that visits him and goes outside with him",
            SCHOOL.signals(BOY, "psychological", "2023-11-27"),
            SCHOOL.signals(BOY, "psychological", "2023-12-18", helped=True),
            assumed="the school signals on 27 November and says on 18 December that help is in place",
        ),
        beat("? repeated", "evaluation; the plan is adjusted; parents and boy take part"),
        beat("Feb 2024", "he meets his new class"),
        beat(
            "Apr 2024", "four days a week at school",
            SCHOOL.arranges(BOY, "partial-timetable", "2024-04-08", "2024-07-19"),
            SCHOOL.present(BOY, FOUR_DAYS), SCHOOL.excused(BOY, WEDNESDAYS),
            assumed="from Monday 8 April 2024; Wednesdays at home, with permission",
        ),
        beat(
            "start 2024-2025", "the absence has ended; he plans his exam",
            SCHOOL.present(BOY, SCHOOL.days("2024-09-02", "2024-09-20")),
            assumed="at school every day from Monday 2 September 2024",
        ),
    ),
    done=(
        Took("2023-12-11", "officer", "meeting-held", BOY, "meeting of helpers", assumed=False),
        Took("2023-12-11", "officer", "plan-agreed", BOY, "therapy and youth work", assumed=False),
        Took("2024-02-12", "officer", "plan-evaluated", BOY, "the plan is adjusted", assumed=False),
        # Told: at the start of 2024-2025. Assumed: the day after ten days at school.
        Ended("2024-09-12", BOY, "back-to-school", "the absence has ended; he plans his exam"),
    ),
    left=(Left(BOY, "closed", "back-to-school"),),
    concluded=(
        AsOf("2023-11-05"),
        AsOf("2023-11-06", (FIRST,), answers=(HOME,)),
        AsOf("2024-04-05", (GROWN,), answers=(HOME,)),
        AsOf("2024-04-08", (GROWN, RETURNED), answers=(HOME,)),
        # Wednesdays at home: never ten recorded days in succession with an attended mark.
        AsOf("2024-07-19", (GROWN, RETURNED), answers=(HOME,)),
        # 18 and 19 July (Thursday, Friday) are 1 and 2, 2 to 6 September 3 to 7, Wednesday 11 September the tenth.
        AsOf("2024-09-10", (GROWN, RETURNED), answers=(HOME,)),
        AsOf("2024-09-11", (GROWN, RETURNED, RESTORED), answers=(HOME,)),
        AsOf("2024-09-20", (), "deventer-2022"),
        AsOf("2024-09-20", (), "ocw-2016"),
    ),
    never_kinds={
        "statutory": "every absence has permission", "long-term": "every absence has permission",
        "absolute": "he is enrolled throughout", "sickness": "nobody reported him sick",
    },
    never_tracks={"halt": "psychological problem; at home: help first", "police-report": "help first"},
    unseen=(
        "the visits of the youth worker and the day he met his class: no lessons, no facts",
        "that the problem is solved: the officer closes the case with the outcome",
    ),
)  # fmt: skip
