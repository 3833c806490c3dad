"""C9: often sick, at home, and back by way of the Klassehuis. Seed S3, Deventer: ages 7 to 13, about eleven children a year."""

from support.narrated.places import NORTH_2022, Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, Took, beat

CHILD = Child("the child", 450, born="2013-03-03")
SCHOOL = School("09NV00", "po", (NORTH_2022,))
DEVENTER = Town("0150")

# The fourth spell begins on 7 November; 29 August, the first date of lesson-week time, is 71 - 7 = 64 dates before: all
# four within 84.
SICK = Found(CHILD, "sickness", "2022-11-07", "4.00", rule="sickness-frequent")
# 7 November is date 1, Friday 2 December 26, Monday 5 December 29. To Friday 23 December 24 + 23 = 47.
HOME_29 = Found(CHILD, "home-sitter", "2022-12-05", "29.00")
HOME_47 = Found(CHILD, "home-sitter", "2022-12-05", "47.00")
HOME = Answered(CHILD, "home", "care-meeting", by={("home-sitter", 1): "home", ("sickness", 1): "health"})
RETURNED = Found(CHILD, "returned", "2023-06-05", "47.00", about=("home-sitter", 1))
RESTORED = Found(CHILD, "presence-restored", "2023-06-16", "10.00", about=("home-sitter", 1))

SCENARIO = Scenario(
    case="C9", title="the Klassehuis", source="S3, Deventer",
    schools=(SCHOOL,), children=(CHILD,),
    told=(
        beat(
            "?", "often reported sick: a signal",
            DEVENTER.registers(CHILD, "2015-01-01"),
            SCHOOL.enrols(CHILD, "2017-04-01"),
            SCHOOL.sick(CHILD, "2022-09-05", "2022-09-06"), SCHOOL.sick(CHILD, "2022-09-22", "2022-09-23"),
            SCHOOL.sick(CHILD, "2022-10-10", "2022-10-11"), SCHOOL.sick(CHILD, "2022-11-07", "2022-11-11"),
            assumed="9 years; four spells from September to November 2022, of at most five school days",
        ),
        beat(
            "?", "the child does not come any more",
            SCHOOL.excused(CHILD, SCHOOL.days("2022-11-07", "2022-12-23"), reason="other"),
            assumed="from 7 November to the Christmas holiday, with permission",
        ),
        beat(
            "?", "a place in the Klassehuis; enrolled at the own school; first to the street, then the door, then in",
            SCHOOL.arranges(CHILD, "education-care", "2023-01-09", "2023-03-03", hours=1),
            SCHOOL.arranges(CHILD, "education-care", "2023-03-06", "2023-06-02", hours=12),
            assumed="from 9 January one hour a week, from 6 March half days; the own school says no marks then",
        ),
        beat(
            "?", "back at school", SCHOOL.present(CHILD, SCHOOL.days("2023-06-05", "2023-07-21")),
            assumed="from Monday 5 June 2023, whole days",
        ),
    ),
    done=(
        Took("2022-12-12", "officer", "meeting-held", CHILD, "the committee gives a place"),
        Took("2023-03-06", "officer", "plan-evaluated", CHILD, "from an hour a week to half days"),
    ),
    concluded=(
        AsOf("2022-11-06"),
        AsOf("2022-11-07", (SICK,), answers=(Answered(CHILD, "health", "care-meeting"),)),
        AsOf("2022-12-04", (SICK,)),
        AsOf("2022-12-05", (SICK, HOME_29), answers=(HOME,)),
        # From the first day of partial education nothing grows: the arrangement ends the streak, silence lengthens none.
        AsOf("2023-01-09", (SICK, HOME_47), answers=(HOME,)),
        AsOf("2023-06-02", (SICK, HOME_47)),
        AsOf("2023-06-05", (SICK, HOME_47, RETURNED)),
        # Whit Monday is before: 5 to 9 and 12 to 16 June are ten days.
        AsOf("2023-07-21", (SICK, HOME_47, RETURNED, RESTORED), answers=(HOME,)),
        AsOf("2023-07-21", (SICK,), "deventer-2022"),
    ),
    never_kinds={"statutory": "all absence has permission", "absolute": "enrolled at the own school throughout"},
    never_tracks={"halt": "nine years", "police-report": "nine years"},
    unseen=(
        "to the street, to the door, inside: no lessons, no facts",
        "the return to an hour of education a week: an arrangement says so, no mark does",
        "het Palet's goal, full education in three months: a plan of people",
    ),
)  # fmt: skip
