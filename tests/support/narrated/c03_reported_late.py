"""C3: a pupil stops coming in September, and the school reports it in April. Seed S2, Twenterand, 2023-2024."""

from support.narrated.places import NORTH_2023, Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, Several, Took, beat

PUPIL = Child("the pupil", 150, born="2008-05-14")
SCHOOL = School("03NV00", "vo", (NORTH_2023,))
TWENTERAND = Town("1700")

UNTIL_REPORTED = tuple(SCHOOL.days("2023-09-11", "2024-04-05"))
AFTER = SCHOOL.days("2024-04-08", "2024-06-07")

HOME = Answered(PUPIL, "home", "care-meeting")
SILENT_SCHOOL = "2024-04-05"
"""Until this day the school had only said that the pupil was absent, and had judged nothing."""

# 11 September is date 1, Sunday 8 October 28 (Friday 6 October 26), Monday 9 October 29.
# To Friday 5 April: 20 + 31 + 30 + 31 + 31 + 29 + 31 + 5 = 208, less four weeks cut (23 October, 25 December,
# 1 January, 19 February): 180. To 7 June: + 25 + 31 + 7 = 63, less the week of 29 April: 236.
# Lesson days from 11 September to 5 April, by week: 6 weeks x 5 before the autumn holiday = 30, 30 October to 22 December 8 x 5 = 40 (70), 8 January to
# 16 February 6 x 5 = 30 (100), 26 February to 29 March 5 x 5 = 25 (125), 2 to 5 April 4 (129; 1 April is Easter Monday).
# Four hours each: every fourth is a crossing, 32 of them. The first on 14 September, the 31st on the 124th day
# (Thursday 28 March), the 32nd on the 128th (Thursday 4 April).
CROSSINGS = Several(PUPIL, "statutory", 32, ("2023-09-14", "16.00"), ("2024-04-04", "16.00"))
# Known on Monday 8 April, the 130th lesson day: 130 - 4 = 126 working days after 14 September, 130 - 124 = 6 after
# 28 March, 130 - 128 = 2 after 4 April, which is not late.
REPORTED_LATE = Several(PUPIL, "late-report", 31, ("2024-04-08", "126.00"), ("2024-04-08", "6.00"))
LONG = Found(PUPIL, "long-term", "2023-10-09", "180.00")

SCENARIO = Scenario(
    case="C3", title="reported late", source="S2, Twenterand",
    schools=(SCHOOL,), children=(PUPIL,),
    told=(
        beat(
            "Sep 2023", "a pupil stops coming",
            TWENTERAND.registers(PUPIL, "2015-01-01"),
            SCHOOL.enrols(PUPIL, "2020-08-01"),
            SCHOOL.present(PUPIL, SCHOOL.days("2023-09-04", "2023-09-08")),
            assumed="born 14 May 2008; at school in the first week, not from Monday 11 September on",
        ),
        beat(
            "Sep-Apr", "the school visits the parents several times, never sees the pupil, and reports nothing",
            SCHOOL.marks(PUPIL, UNTIL_REPORTED, "absent"),
            assumed="its system says every day that the pupil is absent, and not whether with permission",
        ),
        beat(
            "Apr 2024", "the school reports",
            SCHOOL.truant(PUPIL, UNTIL_REPORTED, logged="2024-04-08"),
            SCHOOL.reports(PUPIL, "statutory", "2024-04-08"),
            assumed="on Monday 8 April it judges all those days: without permission",
        ),
        beat(
            "May 2024", "meeting of helpers: the death of a loved one; help starts",
            SCHOOL.signals(PUPIL, "family", "2024-05-13"),
            SCHOOL.signals(PUPIL, "family", "2024-05-27", helped=True),
            SCHOOL.excused(PUPIL, AFTER, reason="weighty"),
            assumed="signalled on 13 May, help in place on 27 May; from 8 April on absent with permission",
        ),
        beat("?", "help says the pupil can go; the parents worry; the team asks everyone for a plan"),
        beat(
            "?", "the pupil starts again; the team follows",
            SCHOOL.present(PUPIL, SCHOOL.days("2024-06-10", "2024-07-19")),
            assumed="from Monday 10 June 2024, whole days",
        ),
    ),
    done=(
        Took("2024-05-13", "officer", "meeting-held", PUPIL, "meeting of helpers", assumed=False),
        Took("2024-05-27", "officer", "help-accepted", PUPIL, "help starts"),
        Took("2024-06-03", "officer", "plan-agreed", PUPIL, "what each party does when the pupil starts"),
    ),
    concluded=(
        # Before the school judged anything nothing is unauthorised; but any absence makes a home-sitter in Zoetermeer's
        # definition: half a year before the report.
        AsOf("2023-10-08", known=SILENT_SCHOOL),
        AsOf("2023-10-09", (Found(PUPIL, "home-sitter", "2023-10-09", "29.00"),), known=SILENT_SCHOOL, answers=(HOME,)),
        AsOf("2024-04-05", (Found(PUPIL, "home-sitter", "2023-10-09", "180.00"),), known=SILENT_SCHOOL, answers=(HOME,)),
        AsOf("2024-04-05", (), "deventer-2022", known=SILENT_SCHOOL),
        # What the report says about September is seen as of September, whenever it was logged.
        AsOf("2023-09-13"),
        AsOf("2023-09-14", (Found(PUPIL, "statutory", "2023-09-14", "16.00"),)),
        # Monday 8 April: the weekend counts with it, 180 + 3.
        AsOf(
            "2024-04-08",
            (CROSSINGS, REPORTED_LATE, LONG, Found(PUPIL, "home-sitter", "2023-10-09", "183.00")),
            answers=(HOME,),
        ),
        # Both end on 10 June; of equal dates the home-sitter comes first, by the name of its kind.
        AsOf(
            "2024-06-10",
            (
                CROSSINGS, REPORTED_LATE, LONG, Found(PUPIL, "home-sitter", "2023-10-09", "236.00"),
                Found(PUPIL, "returned", "2024-06-10", "236.00", 1, about=("home-sitter", 1)),
                Found(PUPIL, "returned", "2024-06-10", "180.00", 2, about=("long-term", 1)),
            ),
            answers=(HOME,),
        ),
        # Ten days from 10 June: 10 to 14 and 17 to 21. The newest finding before is the 32nd crossing.
        AsOf(
            "2024-07-19",
            (
                CROSSINGS, REPORTED_LATE, LONG, Found(PUPIL, "home-sitter", "2023-10-09", "236.00"),
                Found(PUPIL, "returned", "2024-06-10", "236.00", 1, about=("home-sitter", 1)),
                Found(PUPIL, "returned", "2024-06-10", "180.00", 2, about=("long-term", 1)),
                Found(PUPIL, "presence-restored", "2024-06-21", "10.00", about=("statutory", 32)),
            ),
            answers=(HOME,),
        ),
        # Deventer counts what is without permission: the streak ends on 5 April.
        AsOf(
            "2024-06-07",
            (CROSSINGS, REPORTED_LATE, LONG, Found(PUPIL, "home-sitter", "2023-10-09", "180.00")),
            "deventer-2022",
            answers=(HOME,),
        ),
    ),
    never_kinds={"absolute": "enrolled throughout", "silent-feed": "the school spoke every day, of others"},
    unseen=(
        "the visits to the parents, and that nobody saw the pupil",
        "whose fault it is: no fact says so, and no rule decides it",
        "the plan of the team and what the helpers advised",
    ),
)  # fmt: skip
