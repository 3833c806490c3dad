"""C16: the line over eighteen. Seed S4, Zoetermeer, 2024-2025, told as numbers: 1,210 reports of 603 youngsters."""

from support.narrated.places import MIDDLE_2024, MIDDLE_2025, Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, Took, beat

GOES_ON = Child("the student who goes on", 800, born="2005-02-17")
STOPS = Child("the student who stops", 801, born="2006-01-10")
BIRTHDAY = Child("the student who turns eighteen", 802, born="2006-11-13")
QUALIFIED = Child("the student with a diploma", 803, born="2004-03-03")
OLDER = Child("the student of twenty-four", 804, born="2000-05-05")
EVERYONE = (GOES_ON, STOPS, BIRTHDAY, QUALIFIED, OLDER)
COLLEGE = School("16NV00", "mbo", (MIDDLE_2024, MIDDLE_2025))
ZOETERMEER = Town("0637")

SEPTEMBER = ("2024-09-09", "2024-09-10", "2024-09-11", "2024-09-12")
OCTOBER = ("2024-10-07", "2024-10-08", "2024-10-09", "2024-10-10")
NOVEMBER = ("2024-11-11", "2024-11-12", "2024-11-13", "2024-11-14")
JANUARY_2026 = ("2026-01-12", "2026-01-13", "2026-01-14", "2026-01-15")
GOES_TO_SCHOOL = tuple(
    day for day in COLLEGE.days("2024-09-02", "2024-10-25") if day not in {*SEPTEMBER, *OCTOBER}
)

# One mark of four hours a day: the fourth day makes sixteen.
ON_1 = Found(GOES_ON, "eighteen-plus", "2024-09-12", "16.00", 1)
# 13, 16 to 20, 23 to 26 September are ten days; 11, 14 to 18, 21 to 24 October again.
ON_1_RESTORED = Found(GOES_ON, "presence-restored", "2024-09-26", "10.00", 1, about=("eighteen-plus", 1))
ON_2 = Found(GOES_ON, "eighteen-plus", "2024-10-10", "16.00", 2)
ON_2_RESTORED = Found(GOES_ON, "presence-restored", "2024-10-24", "10.00", 2, about=("eighteen-plus", 2))
STOP_1 = Found(STOPS, "eighteen-plus", "2024-09-12", "16.00", 1)
STOP_2 = Found(STOPS, "eighteen-plus", "2024-10-10", "16.00", 2)
# Eight of the sixteen hours are from before the birthday of 13 November: one walk, and the kind of the day it crosses.
TURNED = Found(BIRTHDAY, "eighteen-plus", "2024-11-14", "16.00", 1)
# To 27 from 1 January 2026: 25 years then, and 24 in 2024, when it was 23.
OLD_IN_2026 = Found(OLDER, "eighteen-plus", "2026-01-15", "16.00", 1)

SCENARIO = Scenario(
    case="C16", title="the line over eighteen", source="S4, Zoetermeer",
    schools=(COLLEGE,), children=EVERYONE,
    told=(
        beat(
            "2024-2025", "first reports: 234 letters",
            *(ZOETERMEER.registers(child, "2015-01-01") for child in EVERYONE),
            *(COLLEGE.enrols(child, "2022-08-01") for child in EVERYONE),
            COLLEGE.present(GOES_ON, GOES_TO_SCHOOL),
            COLLEGE.truant(GOES_ON, SEPTEMBER), COLLEGE.truant(STOPS, SEPTEMBER),
            COLLEGE.truant(BIRTHDAY, NOVEMBER),
            COLLEGE.awards(QUALIFIED, "mbo-2", "2023-07-05"), COLLEGE.truant(QUALIFIED, SEPTEMBER),
            COLLEGE.truant(OLDER, SEPTEMBER), COLLEGE.truant(OLDER, JANUARY_2026),
            assumed="five of them, at one mbo: 19, 18, 17 (18 on 13 November), 20 (with a diploma of mbo 2) and 24 years in autumn 2024",
        ),
        beat(
            "?", "repeats: 283 contacts",
            COLLEGE.truant(GOES_ON, OCTOBER), COLLEGE.truant(STOPS, OCTOBER),
            assumed="two of them again, four days in October",
        ),
        beat(
            "?", "489 go on, 114 stop",
            COLLEGE.enrols(STOPS, "2022-08-01", "2025-01-31", logged="2025-01-31"),
            assumed="one is deregistered on 31 January 2025",
        ),
    ),
    done=(
        Took("2024-09-17", "Doorstroompunt", "letter-sent", GOES_ON, "warning letter", assumed=False),
        Took("2024-10-15", "Doorstroompunt", "first-contact", GOES_ON, "contact at the repeat", assumed=False),
    ),
    concluded=(
        AsOf("2024-09-11"),
        AsOf("2024-09-12", (ON_1, STOP_1), answers=(Answered(GOES_ON, "adult", "prevention"),)),
        AsOf(
            "2024-10-10", (ON_1, ON_1_RESTORED, STOP_1, ON_2, STOP_2),
            answers=(
                Answered(GOES_ON, "adult", "care-meeting", by={("eighteen-plus", 1): "adult", ("eighteen-plus", 2): "adult"}),
                Answered(STOPS, "adult", "care-meeting"),
            ),
        ),
        AsOf(
            "2024-11-14", (ON_1, ON_1_RESTORED, STOP_1, ON_2, STOP_2, ON_2_RESTORED, TURNED),
            answers=(Answered(BIRTHDAY, "adult", "prevention"),),
        ),
        AsOf("2025-07-18", (ON_1, ON_1_RESTORED, STOP_1, ON_2, STOP_2, ON_2_RESTORED, TURNED)),
        AsOf(
            "2026-01-15", (ON_1, ON_1_RESTORED, STOP_1, ON_2, STOP_2, ON_2_RESTORED, TURNED, OLD_IN_2026),
            answers=(Answered(OLDER, "adult", "prevention"),),
        ),
        AsOf("2025-07-18", (ON_1, ON_1_RESTORED, STOP_1, ON_2, STOP_2, ON_2_RESTORED, TURNED), "ocw-2016"),
    ),
    never_kinds={"absolute": "over eighteen no enrolment is owed", "long-term": "never longer than four days"},
    never_tracks={"halt": "over eighteen", "police-report": "over eighteen"},
    unseen=(
        "'four weeks' of the Wet educatie en beroepsonderwijs as a kind of its own: the region counts 16 hours instead",
        "who goes on and who stops after a contact: enrolments tell it later, no finding says it",
    ),
)  # fmt: skip
