"""C10: young people over eighteen whom nobody reaches. Seed S3, Deventer, March 2022 to March 2023."""

from support.narrated.places import NORTH_2021, NORTH_2022, Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, Took, beat

BOY = Child("the boy", 500, born="2004-01-20")
GIRL = Child("the girl", 501, born="2003-08-08")
COLLEGE = School("10NV00", "mbo", (NORTH_2021, NORTH_2022))
DEVENTER = Town("0150")

# One mark of four hours a day: the fourth day makes sixteen.
BOY_1 = Found(BOY, "eighteen-plus", "2022-04-07", "16.00", 1)
BOY_2 = Found(BOY, "eighteen-plus", "2022-04-14", "16.00", 2)
GIRL_1 = Found(GIRL, "eighteen-plus", "2022-05-19", "16.00", 1)

SCENARIO = Scenario(
    case="C10", title="out of reach", source="S3, Deventer",
    schools=(COLLEGE,), children=(BOY, GIRL),
    told=(
        beat(
            "?", "a boy takes the train to Zwolle every day, to work; his parents think he is at school",
            DEVENTER.registers(BOY, "2015-01-01"),
            COLLEGE.enrols(BOY, "2021-08-01"),
            COLLEGE.present(BOY, COLLEGE.days("2022-03-28", "2022-04-01")),
            COLLEGE.truant(BOY, ("2022-04-04", "2022-04-05", "2022-04-06", "2022-04-07")),
            COLLEGE.truant(BOY, ("2022-04-11", "2022-04-12", "2022-04-13", "2022-04-14")),
            assumed="18 years, at an mbo; two weeks in April 2022",
        ),
        beat(
            "?", "a girl is not happy with the visit; later she is deregistered",
            DEVENTER.registers(GIRL, "2015-01-01"),
            COLLEGE.enrols(GIRL, "2021-08-01"),
            COLLEGE.truant(GIRL, ("2022-05-16", "2022-05-17", "2022-05-18", "2022-05-19")),
            COLLEGE.enrols(GIRL, "2021-08-01", "2022-06-30", logged="2022-07-05"),
            assumed="18 years; four days in May 2022, deregistered on 30 June",
        ),
        beat("Mar 2022 - Mar 2023", "no reply to apps, mails, calls, letters; a youth worker visits 64 addresses"),
        beat("after a year", "a mail"),
    ),
    done=(
        Took("2022-04-12", "Doorstroompunt", "letter-sent", BOY, "warning letter"),
        Took("2022-05-02", "youth worker", "home-visit", BOY, "works in Zwolle; parents did not know"),
        Took("2022-06-07", "youth worker", "home-visit", GIRL, "not happy with the visit"),
    ),
    concluded=(
        AsOf("2022-04-06"),
        AsOf("2022-04-07", (BOY_1,), answers=(Answered(BOY, "adult", "prevention"),)),
        AsOf(
            "2022-04-14", (BOY_1, BOY_2),
            answers=(Answered(BOY, "adult", "care-meeting", by={("eighteen-plus", 1): "adult"}),),
        ),
        AsOf("2022-07-15", (BOY_1, BOY_2, GIRL_1), answers=(Answered(GIRL, "adult", "prevention"),)),
        # Over eighteen and enrolled nowhere is nothing by law: she is in nobody's count any more.
        AsOf("2023-03-31", (BOY_1, BOY_2, GIRL_1)),
        AsOf("2023-03-31", (BOY_1, BOY_2, GIRL_1), "ocw-2016"),
    ),
    never_kinds={
        "statutory": "over eighteen", "long-term": "over eighteen", "home-sitter": "over eighteen",
        "absolute": "over eighteen no enrolment is owed",
    },
    never_tracks={"halt": "over eighteen", "police-report": "over eighteen"},
    unseen=(
        "who answers and who does not; the work in Zwolle; the visit's result is a note with a step",
        "early leavers on 1 October (vsv): a yearly count, no finding",
        "name and address: they are not taken in; the officer finds them by the number, the youth worker gets only those",
    ),
)  # fmt: skip
