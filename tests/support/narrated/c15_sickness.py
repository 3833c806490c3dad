"""C15: the sickness line. Seed S4, Zoetermeer, 2024-2025, told as numbers: 193 pupils to youth health care (JGZ)."""

from support.narrated.places import MIDDLE_2024, Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, beat

OFTEN = Child("the pupil often sick", 750, born="2011-01-15")
WEEK_13 = Child("the pupil one week too long", 751, born="2011-01-16")
LONG = Child("the pupil long sick", 752, born="2010-05-20")
SCHOOL = School("15NV00", "vo", (MIDDLE_2024,))
ZOETERMEER = Town("0637")

# 84 dates of lesson-week time ending on Monday 2 December: the week of 28 October is cut, so they begin on 3 September.
# 9 September is in, only because of the holiday; 2 September is out.
FOURTH = Found(OFTEN, "sickness", "2024-12-02", "4.00", rule="sickness-frequent")
# 11 to 15, 18 and 19 November are seven lesson days.
SEVENTH = Found(LONG, "sickness", "2024-11-19", "7.00", rule="sickness-long")
# 11 November is date 1, Friday 6 December 26, Monday 9 December 29; to Friday 20 December 40.
HOME = Found(LONG, "home-sitter", "2024-12-09", "40.00")
HEALTH = Answered(LONG, "health", "care-meeting", by={("sickness", 1): "health"})
BOTH = Answered(LONG, "home", "care-meeting", by={("sickness", 1): "health", ("home-sitter", 1): "home"})

SCENARIO = Scenario(
    case="C15", title="the sickness line", source="S4, Zoetermeer",
    schools=(SCHOOL,), children=(OFTEN, WEEK_13, LONG),
    told=(
        beat(
            "2024-2025", "193 pupils to youth health care",
            *(ZOETERMEER.registers(child, "2015-01-01") for child in (OFTEN, WEEK_13, LONG)),
            *(SCHOOL.enrols(child, "2022-08-01") for child in (OFTEN, WEEK_13, LONG)),
            SCHOOL.sick(OFTEN, "2024-09-09", "2024-09-10"), SCHOOL.sick(OFTEN, "2024-09-30", "2024-10-01"),
            SCHOOL.sick(OFTEN, "2024-10-21", "2024-10-22"), SCHOOL.sick(OFTEN, "2024-12-02", "2024-12-03"),
            SCHOOL.sick(WEEK_13, "2024-09-02", "2024-09-03"), SCHOOL.sick(WEEK_13, "2024-09-30", "2024-10-01"),
            SCHOOL.sick(WEEK_13, "2024-10-21", "2024-10-22"), SCHOOL.sick(WEEK_13, "2024-12-02", "2024-12-03"),
            SCHOOL.sick(LONG, "2024-11-11"),
            SCHOOL.excused(LONG, SCHOOL.days("2024-11-11", "2024-12-20"), reason="illness"),
            assumed="three of them: four spells in twelve weeks, four in thirteen, and one that does not end",
        ),
        beat(
            "?", "58% can follow some education",
            SCHOOL.arranges(LONG, "partial-timetable", "2025-01-06"),
            assumed="the third has a partial timetable from 6 January 2025",
        ),
        beat("after 2 months", "30% not less, 23% no answer of the school, 20% less, 11% stopped, 14% not filled in, 2% unknown"),
    ),
    concluded=(
        AsOf("2024-11-18"),
        AsOf("2024-11-19", (SEVENTH,), answers=(HEALTH,)),
        AsOf("2024-12-01", (SEVENTH,)),
        AsOf("2024-12-02", (SEVENTH, FOURTH), answers=(Answered(OFTEN, "health", "care-meeting"),)),
        AsOf(
            "2024-12-09", (SEVENTH, FOURTH, Found(LONG, "home-sitter", "2024-12-09", "29.00")), answers=(BOTH,),
        ),
        AsOf("2025-03-31", (SEVENTH, FOURTH, HOME), answers=(BOTH,)),
        AsOf("2025-03-31", (SEVENTH, FOURTH), "deventer-2022"),
    ),
    never_kinds={"statutory": "sick is with permission", "absolute": "enrolled throughout", "long-term": "with permission"},
    never_tracks={"halt": "sick", "police-report": "sick"},
    unseen=(
        "what the doctor finds, and whether the pupil came: that stays with youth health care",
        "the follow-up after two months: no term of a health case; the platform reminds nobody of it",
        "a link between the sickness and the home-sitter's case: on purpose, health is another domain",
    ),
)  # fmt: skip
