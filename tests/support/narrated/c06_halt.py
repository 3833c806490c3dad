"""C6: Halt, and thanks for it. Seed S3, Deventer, 2022-2023; the source tells no dates."""

from dataclasses import replace

from support.narrated.places import NORTH_2022, Child, School, Town
from support.narrated.story import Answered, AsOf, Decided, Ended, Found, Left, Scenario, Took, beat

PUPIL = Child("the pupil", 300, born="2007-10-05")
SCHOOL = School("06NV00", "vo", (NORTH_2022,))
DEVENTER = Town("0150")

AFTERNOON = ("lesson-5", "lesson-6", "lesson-7", "lesson-8")
FIRST_FOUR = ("2022-09-06", "2022-09-13", "2022-09-20", "2022-09-27")
AGAIN_FOUR = ("2022-10-11", "2022-10-25", "2022-11-01", "2022-11-08")
SPRING_FOUR = ("2023-03-07", "2023-03-14", "2023-03-21", "2023-03-28")

# Four lessons of 50 minutes on four Tuesdays: the 16th is lesson-8 of 27 September. 6 to 27 September are 22 dates.
FIRST = Found(PUPIL, "statutory", "2022-09-27", "16.00", 1)
# 11 October is 29 dates before and with 8 November; the week of 17 October is cut, so the window begins on 5 October.
# Nine good days between (28 to 30 September, 3 to 7 and 10 October): one short of presence restored.
SECOND = Found(PUPIL, "statutory", "2022-11-08", "16.00", 2)
# 9, 10, 11, 14 to 18, 21 and 22 November.
RESTORED = Found(PUPIL, "presence-restored", "2022-11-22", "10.00", about=("statutory", 2))

STORY = (
    beat(
        "?", "absence",
        DEVENTER.registers(PUPIL, "2015-01-01"),
        SCHOOL.enrols(PUPIL, "2020-08-01"),
        SCHOOL.present(PUPIL, SCHOOL.days("2022-08-29", "2023-05-26")),
        SCHOOL.truant(PUPIL, FIRST_FOUR, slots=AFTERNOON, minutes=50),
        assumed="a pupil of 14, later 15; four Tuesday afternoons of four lessons in September 2022",
    ),
    beat(
        "?", "a talk, and again absence",
        SCHOOL.truant(PUPIL, AGAIN_FOUR, slots=AFTERNOON, minutes=50),
        assumed="again four Tuesday afternoons, around the autumn holiday",
    ),
    beat("?", "Halt: learning and working, no record; 'learned a lot'"),
)  # fmt: skip
TO_HALT = (
    Took("2022-10-04", "officer", "talk-held", PUPIL, "talk"),
    Decided("2022-11-15", PUPIL, "halt", consent=(True, False), refused="consent-missing"),
    Decided("2022-11-15", PUPIL, "halt", consent=(True, True)),
    Took("2022-11-16", "officer", "halt-referred", PUPIL, "referred to Halt"),
    Took("2023-01-20", "Halt", "halt-completed", PUPIL, "done as agreed"),
    Ended("2023-01-23", PUPIL, "halt", "Halt, and learned a lot from it"),
)

HALT = Scenario(
    case="C6", title="Halt, with thanks", source="S3, Deventer",
    schools=(SCHOOL,), children=(PUPIL,), told=STORY, done=TO_HALT,
    left=(Left(PUPIL, "closed", "halt"),),
    concluded=(
        AsOf("2022-09-26"),
        AsOf("2022-09-27", (FIRST,), answers=(Answered(PUPIL, "first", "prevention"),)),
        AsOf("2022-11-07", (FIRST,), answers=(Answered(PUPIL, "first", "prevention"),)),
        # 15 years, 32 hours, at most 60, own initiative, never before: all conditions hold.
        AsOf("2022-11-08", (FIRST, SECOND), answers=(Answered(PUPIL, "halt", "halt", by={("statutory", 1): "first"}),)),
        AsOf("2023-05-26", (FIRST, SECOND, RESTORED)),
    ),
    never_kinds={"home-sitter": "at school every day", "absolute": "enrolled throughout", "light": "the school reports none"},
    never_tracks={"police-report": "32 hours; Halt was neither refused nor in vain"},
    unseen=("what was said in the talk and done at Halt: Halt reports the course as a step",),
)  # fmt: skip

# What the source only implies: Halt is possible once. A third crossing in spring: 7 to 28 March are 22 dates.
THIRD = Found(PUPIL, "statutory", "2023-03-28", "16.00", 3)
AFTER = Found(PUPIL, "presence-restored", "2023-04-12", "10.00", 2, about=("statutory", 3))
AGAIN = replace(
    HALT,
    case="C6/again", title="Halt a second time is not possible",
    told=(
        *STORY,
        beat(
            "?", "absence once more", SCHOOL.truant(PUPIL, SPRING_FOUR, slots=AFTERNOON, minutes=50),
            assumed="not told: what would be proposed after four Tuesday afternoons in March 2023",
        ),
    ),
    done=(
        *TO_HALT,
        Decided(
            "2023-04-03", PUPIL, "halt", motive="it helped", consent=(True, True), refused="halt-condition:first-halt",
        ),
    ),
    concluded=(
        AsOf("2022-11-08", (FIRST, SECOND), answers=(Answered(PUPIL, "halt", "halt"),)),
        AsOf("2023-03-27", (FIRST, SECOND, RESTORED)),
        # 48 hours, but referred before: no row for Halt, nor for force, since it was completed.
        AsOf(
            "2023-03-28", (FIRST, SECOND, RESTORED, THIRD),
            answers=(Answered(PUPIL, "else", "care-meeting", by={("statutory", 2): "else", ("statutory", 3): "else"}),),
        ),
        # 29 to 31 March, 3 to 7, 11 and 12 April (10 is Easter Monday).
        AsOf("2023-05-26", (FIRST, SECOND, RESTORED, THIRD, AFTER), answers=(Answered(PUPIL, "else", "care-meeting"),)),
    ),
    # The closed case is over: the third crossing opens a second one, which knows of the first. Nobody acted in it.
    left=(Left(PUPIL, "closed", "halt"), Left(PUPIL, "registered")),
    never_tracks={"police-report": "48 hours; Halt was completed"},
)  # fmt: skip

SCENARIOS = (HALT, AGAIN)
