"""C1: a boy moves, and the place that fits him has no number of its own (BRIN). Seed S0, Steenwijkerland, 2022-2023."""

from dataclasses import replace

from support.narrated.places import NORTH_2022, NORTH_2023, Child, School, Town
from support.narrated.story import Answered, AsOf, Ended, Found, Left, Scenario, Took, beat

BOY = Child("the boy", 50, born="2008-11-20")
OLD_SCHOOL = School("01NV00", "vo", (NORTH_2022, NORTH_2023))
STEENWIJKERLAND = Town("1708")
DEVENTER = "deventer-2022"

BEFORE = tuple(OLD_SCHOOL.days("2023-03-20", "2023-03-31"))
AT_HOME = tuple(OLD_SCHOOL.days("2023-04-03", "2023-07-21"))

MOVES = beat(
    "Apr 2023", "a boy of 14 moves in from outside the region; his old school is too far",
    STEENWIJKERLAND.registers(BOY, "2023-04-03"),
    OLD_SCHOOL.enrols(BOY, "2021-08-01"),
    OLD_SCHOOL.present(BOY, BEFORE),
    assumed="born 20 November 2008; moved on Monday 3 April 2023, at school until the Friday before",
)  # fmt: skip
DOUBT = beat(
    "?", "old school and parent choose a school in Steenwijk; that school doubts, another place seems better"
)
NO_NUMBER = beat("?", "that place has no BRIN: no toelaatbaarheidsverklaring (admission statement)")
STAYS = beat(
    "?", "he stays at home", OLD_SCHOOL.excused(BOY, AT_HOME, reason="other"),
    assumed="the old school says each day that he is absent, with its permission",
)  # fmt: skip
INTERNSHIP = beat(
    "?", "an internship with a jobcoach", OLD_SCHOOL.arranges(BOY, "day-activity", "2023-05-22", "2023-07-14"),
    assumed="from Monday 22 May to Friday 14 July 2023",
)  # fmt: skip
STARTS = beat(
    "after summer 2023", "he starts at the place without a number; support begins with it",
    OLD_SCHOOL.arranges(BOY, "education-care", "2023-09-04"),
    assumed="he stays enrolled at his old school, which says so as education with care from 4 September 2023",
)  # fmt: skip

HELPED = (
    Took("2023-05-09", "officer", "meeting-held", BOY, "talk about the case with the colleagues of Participation"),
    Took("2023-07-14", "officer", "plan-agreed", BOY, "extra support at school, as the jobcoach advises"),
)  # fmt: skip
HOME = Answered(BOY, "home", "care-meeting", by={("home-sitter", 1): "home"})

WITH_PERMISSION = Scenario(
    case="C1", title="a place without a number", source="S0, Steenwijkerland",
    schools=(OLD_SCHOOL,), children=(BOY,),
    told=(MOVES, DOUBT, NO_NUMBER, STAYS, INTERNSHIP, STARTS),
    done=(
        *HELPED,
        Ended("2023-11-01", BOY, "care-education-arrangement", "back in education, likes it: at the place without a number"),
    ),
    left=(Left(BOY, "closed", "care-education-arrangement"),),
    concluded=(
        # 3 April is date 1; the weeks of 3, 10, 17 and 24 April are lesson weeks: 30 April is date 28. Friday 28 April
        # is the 26th: not yet. The week of 1 May is cut, so Monday 8 May is the 29th.
        AsOf("2023-04-30"),
        AsOf("2023-05-07"),
        AsOf("2023-05-08", (Found(BOY, "home-sitter", "2023-05-08", "29.00"),), answers=(HOME,)),
        # Day activity alone ends nothing: 28 + 24 in May (8 to 31) + 30 + 21 in July = 103.
        AsOf("2023-07-21", (Found(BOY, "home-sitter", "2023-05-08", "103.00"),), answers=(HOME,)),
        AsOf("2023-10-31", (Found(BOY, "home-sitter", "2023-05-08", "103.00"),), answers=(HOME,)),
        AsOf("2023-10-31", (), DEVENTER),  # only absence without permission counts there
        AsOf("2023-10-31", (), "ocw-2016"),
    ),
    never_kinds={
        "absolute": "he is enrolled at his old school throughout",
        "statutory": "every absence has permission",
        "returned": "he returns to a place that cannot be told",
    },
    never_tracks={"halt": "help before force", "police-report": "help before force"},
    unseen=(
        "the doubt of the school, the refused admission statement and its cause: a place without a BRIN",
        "that he is back at school: no school of the facts can say so; the officer closes the case by hand",
    ),
)  # fmt: skip

# The same story with a school that gave no permission. One mark of four hours a day: four days are sixteen hours.
# Lesson days: 3 4 5 6 7, 11 12 13 14 (10 is Easter Monday), 17 18 19 20 21, 24 25 26 28 (27 is King's day) April, 8 May.
# The 4th, 8th, 12th and 16th: 6, 13, 19 and 25 April.
SIXTEEN = tuple(
    Found(BOY, "statutory", at, "16.00", ordinal)
    for ordinal, at in enumerate(("2023-04-06", "2023-04-13", "2023-04-19", "2023-04-25"), start=1)
)
WITHOUT_PERMISSION = replace(
    WITH_PERMISSION,
    case="C1/without-permission", title="a place without a number, and no permission",
    told=(
        MOVES, DOUBT, NO_NUMBER,
        beat("?", "he stays at home", OLD_SCHOOL.truant(BOY, AT_HOME), assumed="without permission"),
        INTERNSHIP, STARTS,
    ),
    concluded=(
        AsOf("2023-04-05"),
        AsOf("2023-04-06", SIXTEEN[:1], answers=(Answered(BOY, "first", "prevention"),)),
        # 29 days on 8 May is more than 28 as well: long-term, and the definitions of Deventer and the ministry.
        AsOf(
            "2023-05-08",
            (*SIXTEEN, Found(BOY, "home-sitter", "2023-05-08", "29.00"), Found(BOY, "long-term", "2023-05-08", "29.00")),
            # ordinal 4 stands at 64 hours (rows of 16 lesson days), above the 60 of Halt; home comes before force
            answers=(
                Answered(
                    BOY, "home", "care-meeting",
                    by={
                        ("statutory", 1): "first", ("statutory", 2): "halt", ("statutory", 3): "halt",
                        ("statutory", 4): "halt-over", ("long-term", 1): "home",
                    },
                ),
            ),
        ),
        # By Deventer the internship ends the streak: its last absent day is Wednesday 17 May (18 and 19 are Ascension):
        # 28 + 10. Lesson days after 8 May: 9 10 11 12, 15 16 17: the 20th is 9 May, the 24th 15 May.
        AsOf(
            "2023-05-19",
            (
                *SIXTEEN,
                Found(BOY, "statutory", "2023-05-09", "16.00", 5),
                Found(BOY, "statutory", "2023-05-15", "16.00", 6),
                Found(BOY, "home-sitter", "2023-05-08", "38.00"), Found(BOY, "long-term", "2023-05-08", "38.00"),
            ),
            DEVENTER,
            answers=(Answered(BOY, "home", "care-meeting"),),
        ),
        AsOf(
            "2023-05-23",
            (
                *SIXTEEN,
                Found(BOY, "statutory", "2023-05-09", "16.00", 5),
                Found(BOY, "statutory", "2023-05-15", "16.00", 6),
                # 16, 17, 22 and 23 May are the 25th to 28th lesson day: the next crossing ...
                Found(BOY, "statutory", "2023-05-23", "16.00", 7),
                # ... and by Deventer the day activity has ended what goes on for long-term (8 to 23 May: 16).
                Found(BOY, "home-sitter", "2023-05-08", "38.00"), Found(BOY, "long-term", "2023-05-08", "44.00"),
            ),
            DEVENTER,
        ),
        AsOf(
            "2023-05-08",
            (*SIXTEEN, Found(BOY, "home-sitter", "2023-05-08", "29.00"), Found(BOY, "long-term", "2023-05-08", "29.00")),
            "ocw-2016",
        ),
    ),
    never_kinds={"absolute": "he is enrolled at his old school throughout"},
    never_tracks={},
)  # fmt: skip

# What if the old school had ended the enrolment at the end of its year? The place he goes to cannot be told.
NOWHERE = replace(
    WITH_PERMISSION,
    case="C1/enrolment-ended", title="a place without a number, and the old school lets go",
    told=(
        *(MOVES, DOUBT, NO_NUMBER, STAYS, INTERNSHIP),
        beat(
            "?", "the old school ends the enrolment", OLD_SCHOOL.enrols(BOY, "2021-08-01", "2023-07-31", logged="2023-07-20"),
            assumed="not told: what would be concluded if it did",
        ),
    ),
    concluded=(
        AsOf("2023-08-28", (Found(BOY, "home-sitter", "2023-05-08", "103.00"),)),
        # Enrolled nowhere from 1 August: 1 + 28 = 29 August.
        AsOf(
            "2023-08-29",
            (Found(BOY, "home-sitter", "2023-05-08", "103.00"), Found(BOY, "absolute", "2023-08-29", "28.00")),
            answers=(Answered(BOY, "home", "care-meeting", by={("absolute", 1): "not-enrolled"}),),
        ),
        AsOf(
            "2023-08-29",
            (Found(BOY, "absolute", "2023-08-29", "28.00"), Found(BOY, "home-sitter", "2023-08-29", "28.00")),
            "ocw-2016",
        ),
    ),
    done=(*HELPED, Ended("2023-11-01", BOY, "taken-note", "found wrong in fact: he is at a place without a number")),
    left=(Left(BOY, "taken-note", "taken-note"),),
    never_kinds={"statutory": "every absence has permission"},
    unseen=("that he is at a place without a BRIN: the officer must take note of a finding that is wrong in fact",),
)  # fmt: skip

SCENARIOS = (WITH_PERMISSION, WITHOUT_PERMISSION, NOWHERE)
