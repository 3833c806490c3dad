"""C5: a youngster who got stuck sits the exams after all. Seed S2, Twenterand; the source tells no dates."""

from support.narrated.places import NORTH_2023, Child, School, Town
from support.narrated.story import Answered, AsOf, Decided, Found, Scenario, Took, beat

YOUNGSTER = Child("the youngster", 250, born="2006-11-02")
SCHOOL = School("05NV00", "vo", (NORTH_2023,))
TWENTERAND = Town("1700")

FOUR = tuple(f"lesson-{number}" for number in range(1, 5))
AWAY = (
    "2024-01-09",
    "2024-01-11",
    "2024-01-16",
    "2024-01-18",
    "2024-01-30",
    "2024-02-01",
    "2024-02-06",
    "2024-02-08",
)
THERE = tuple(day for day in SCHOOL.days("2024-01-08", "2024-05-17") if day not in AWAY)

# Four lessons of 50 minutes on each day: the 4th is 18 January, the next four end on 8 February.
FIRST = Found(YOUNGSTER, "statutory", "2024-01-18", "16.00", 1)
SECOND = Found(YOUNGSTER, "statutory", "2024-02-08", "16.00", 2)
# After 18 January seven days (19, 22 to 26, 29), then again away. After 8 February: 9, 12 to 16, 26 to 29 are ten.
RESTORED = Found(YOUNGSTER, "presence-restored", "2024-02-29", "10.00", about=("statutory", 2))
BEFORE_THE_SIGNAL = "2024-02-09"

SCENARIO = Scenario(
    case="C5", title="stuck", source="S2, Twenterand",
    schools=(SCHOOL,), children=(YOUNGSTER,),
    told=(
        beat(
            "?", "complex thoughts from a young age; absence, broken agreements",
            TWENTERAND.registers(YOUNGSTER, "2015-01-01"),
            SCHOOL.enrols(YOUNGSTER, "2019-08-01"),
            SCHOOL.truant(YOUNGSTER, AWAY, slots=FOUR, minutes=50),
            SCHOOL.present(YOUNGSTER, THERE),
            assumed="17 years, exam year 2023-2024; away four lessons on Tuesdays and Thursdays, again after a talk",
        ),
        beat(
            "?", "leerplicht brings in a helper of the family's doctor",
            SCHOOL.signals(YOUNGSTER, "psychological", "2024-02-12"),
            SCHOOL.signals(YOUNGSTER, "psychological", "2024-03-04", helped=True),
            assumed="signalled on Monday 12 February, help in place on 4 March 2024",
        ),
        beat("?", "the mentor helps find a way to sit the exams"),
        beat(
            "?", "exams done", SCHOOL.awards(YOUNGSTER, "havo", "2024-07-04"),
            assumed="havo, on 4 July 2024",
        ),
    ),
    done=(
        Took("2024-01-25", "officer", "talk-held", YOUNGSTER, "agreements are made"),
        Decided("2024-02-13", YOUNGSTER, "care-meeting", "pupil"),
        Took("2024-03-04", "officer", "help-accepted", YOUNGSTER, "help has started"),
        Decided("2024-03-05", YOUNGSTER, "care-meeting", "pupil", refused="motive-missing"),
        Decided("2024-03-05", YOUNGSTER, "care-meeting", "pupil", motive="help works; punishment would stop it"),
    ),
    concluded=(
        AsOf("2024-01-18", (FIRST,), known=BEFORE_THE_SIGNAL, answers=(Answered(YOUNGSTER, "first", "prevention"),)),
        AsOf("2024-02-01", (FIRST,), known=BEFORE_THE_SIGNAL, answers=(Answered(YOUNGSTER, "first", "prevention"),)),
        # 17 years, 32 hours, own initiative: until the signal all conditions of Halt hold.
        AsOf("2024-02-08", (FIRST, SECOND), known=BEFORE_THE_SIGNAL, answers=(Answered(YOUNGSTER, "halt", "halt"),)),
        AsOf(
            "2024-02-12", (FIRST, SECOND), known="2024-02-12",
            answers=(Answered(YOUNGSTER, "care-first", "care-meeting", by={("statutory", 1): "care-first"}),),
        ),
        AsOf("2024-02-29", (FIRST, SECOND, RESTORED), answers=(Answered(YOUNGSTER, "care-first", "care-meeting"),), known="2024-02-29"),
        # With help in place Halt is possible beside it again: the table proposes, the officer has a motive not to.
        AsOf(
            "2024-03-04", (FIRST, SECOND, RESTORED), known="2024-03-04",
            answers=(Answered(YOUNGSTER, "halt", "halt", by={("statutory", 1): "first"}),),
        ),
        AsOf("2024-12-31", (FIRST, SECOND, RESTORED)),
    ),
    never_kinds={
        "home-sitter": "never more than a day at a time", "long-term": "never more than a day at a time",
        "absolute": "the diploma ends the duty",
    },
    never_tracks={"police-report": "32 hours, and help accepted"},
    unseen=("the thoughts, the agreements, the way the mentor found",),
)  # fmt: skip
