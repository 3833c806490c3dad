"""C7: parents and school ask for a police report; intensive help (Forza) comes instead. Seed S3, Deventer, 2022-2023."""

from support.narrated.places import NORTH_2022, Child, School, Town
from support.narrated.story import Answered, AsOf, Decided, Ended, Found, Left, Scenario, Took, beat

PUPIL = Child("the pupil", 350, born="2005-12-01")
SCHOOL = School("07NV00", "vo", (NORTH_2022,))
DEVENTER = Town("0150")

FOUR = tuple(f"lesson-{number}" for number in range(1, 5))
NOVEMBER = ("2022-11-07", "2022-11-08", "2022-11-09", "2022-11-10")
DECEMBER = ("2022-11-28", "2022-11-29", "2022-11-30", "2022-12-01")
ONE_LESSON = ("2022-11-16",)
THERE = tuple(
    day for day in SCHOOL.days("2022-08-29", "2023-07-06") if day not in {*NOVEMBER, *DECEMBER, *ONE_LESSON}
)

FIRST = Found(PUPIL, "statutory", "2022-11-10", "16.00", 1)
# 1 on Wednesday 16 November + 4 + 4 + 4 (28 to 30 November) = 13; lesson-3 of 1 December is the 16th.
SECOND = Found(PUPIL, "statutory", "2022-12-01", "16.00", 2)
# 2, 5 to 9, 12 to 15 December. Before: 11, 14 and 15 November, then one lesson without permission; 17, 18, 21 to 25: seven.
RESTORED = Found(PUPIL, "presence-restored", "2022-12-15", "10.00", about=("statutory", 2))
FORCE = Answered(PUPIL, "force", "police-report", by={("statutory", 1): "force", ("statutory", 2): "force"})

SCENARIO = Scenario(
    case="C7", title="help instead of a police report", source="S3, Deventer",
    schools=(SCHOOL,), children=(PUPIL,),
    told=(
        beat(
            "?", "absence",
            DEVENTER.registers(PUPIL, "2015-01-01"),
            SCHOOL.enrols(PUPIL, "2018-08-01", "2023-07-31"),
            SCHOOL.present(PUPIL, THERE),
            SCHOOL.truant(PUPIL, NOVEMBER, slots=FOUR, minutes=50),
            SCHOOL.truant(PUPIL, ONE_LESSON, slots=FOUR[:1], minutes=50),
            SCHOOL.truant(PUPIL, DECEMBER, slots=FOUR, minutes=50),
            assumed="16, from 1 December 17 years; four days of four lessons, twice, in November and December 2022",
        ),
        beat("?", "parents and school ask for force", assumed="the youngster has refused help on 24 November 2022"),
        beat("?", "Forza: three months of intensive help (Jeugdbescherming Overijssel)"),
        beat(
            "?", "havo diploma, no police report", SCHOOL.awards(PUPIL, "havo", "2023-07-06"),
            assumed="on 6 July 2023; the enrolment ends with the school year",
        ),
    ),
    done=(
        Took("2022-11-17", "officer", "talk-held", PUPIL, "talk"),
        Took("2022-11-24", "officer", "help-refused", PUPIL, "help is refused"),
        Decided("2022-12-05", PUPIL, "care-meeting", refused="motive-missing"),
        Decided("2022-12-05", PUPIL, "care-meeting", motive="Forza can start at once; force would stop it"),
        Took("2022-12-12", "officer", "help-accepted", PUPIL, "Forza begins", assumed=False),
        Took("2023-03-13", "officer", "plan-evaluated", PUPIL, "Forza ends after three months", assumed=False),
        # No report counts a diploma as an outcome; what was done was help.
        Ended("2023-07-10", PUPIL, "help", "a diploma, and no police report"),
    ),
    left=(Left(PUPIL, "closed", "help"),),
    concluded=(
        AsOf("2022-11-09"),
        AsOf("2022-11-10", (FIRST,), answers=(Answered(PUPIL, "first", "prevention"),)),
        # Refused help asks force, of the first crossing already.
        AsOf("2022-11-24", (FIRST,), answers=(Answered(PUPIL, "force", "police-report"),)),
        AsOf("2022-12-01", (FIRST, SECOND), answers=(FORCE,)),
        # The refusal stays in the journal: the rows say the same; what the officer has weighed is not laid before him again.
        AsOf("2022-12-15", (FIRST, SECOND, RESTORED), answers=(FORCE,)),
        # Enrolled nowhere from 1 August 2023, 17 years: the diploma ended the duty, so nobody is absent.
        AsOf("2023-11-30", (FIRST, SECOND, RESTORED)),
        AsOf("2023-11-30", (FIRST, SECOND, RESTORED), "ocw-2016"),
    ),
    never_kinds={"absolute": "the diploma ended the duty to qualify", "eighteen-plus": "17 years"},
    never_tracks={"halt": "help was refused: force stands above it"},
    unseen=("what Forza did", "that parents and school asked for force: a wish is no fact"),
)  # fmt: skip
