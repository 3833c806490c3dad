"""C8: a child under twelve, and parents who refuse help. Seed S3, Deventer, 2022-2023: told as a dilemma, without dates."""

from datetime import date

from support.narrated.places import NORTH_2022, Child, School, Town
from support.narrated.story import Answered, AsOf, Decided, Found, Left, Scenario, Took, beat

CHILD = Child("the child", 400, born="2012-10-10")
SCHOOL = School("08NV00", "po", (NORTH_2022,))
DEVENTER = Town("0150")

WHOLE = ("2022-11-14", "2022-11-15", "2022-11-17", "2022-11-18", "2023-01-09", "2023-01-10", "2023-01-12")
MORNING = ("2023-01-11",)
DAYS = tuple(SCHOOL.days("2022-11-07", "2023-01-13"))
ILL = tuple(
    day for day in DAYS if "2022-11-30" <= day <= "2022-12-21" and date.fromisoformat(day).isoweekday() == 3
)
THERE = tuple(day for day in DAYS if day not in {*WHOLE, *MORNING, *ILL})

# Clock hours: a morning of 180 minutes is 3, an afternoon of 120 minutes 2. 5 + 5 + 5 = 15; the morning of Friday
# 18 November makes 18. Its afternoon starts the next sum.
FIRST = Found(CHILD, "statutory", "2022-11-18", "18.00", 1)
# 9 January 5, 10 January 10, 11 January 13, the morning of the 12th 16. The afternoon of 18 November is out of the window:
# of its 28 dates four lie in January, the two weeks of the holiday are cut, the other 24 begin on 2 December.
SECOND = Found(CHILD, "statutory", "2023-01-12", "16.00", 2)
YOUNG = Answered(CHILD, "young", "care-meeting", "parents")

SCENARIO = Scenario(
    case="C8", title="parents refuse help", source="S3, Deventer",
    schools=(SCHOOL,), children=(CHILD,),
    told=(
        beat(
            "?", "a child under 12 is absent",
            DEVENTER.registers(CHILD, "2015-01-01"),
            SCHOOL.enrols(CHILD, "2016-11-01"),
            SCHOOL.present(CHILD, THERE),
            SCHOOL.excused(CHILD, ILL, minutes=180, reason="medical"),
            SCHOOL.truant(CHILD, WHOLE, minutes=180), SCHOOL.truant(CHILD, WHOLE, slots=("afternoon",), minutes=120),
            SCHOOL.truant(CHILD, MORNING, minutes=180),
            assumed="10 years; whole days in November 2022 and after the Christmas holiday; Wednesdays at the doctor between",
        ),
        beat("?", "the parents refuse voluntary help", assumed="on 12 December 2022"),
        beat("?", "what is left is a police report against the parents: does that help the child?"),
    ),
    done=(
        Took("2022-11-28", "officer", "meeting-held", CHILD, "meeting with the parents"),
        Took("2022-12-12", "officer", "help-refused", CHILD, "the parents refuse", assumed=False),
        Decided("2023-01-16", CHILD, "halt", consent=(True, True), motive="-", refused="under-twelve"),
        Decided("2023-01-16", CHILD, "police-report", "pupil", motive="-", refused="under-twelve"),
        Decided("2023-01-16", CHILD, "police-report", "parents", refused="motive-missing"),
        Decided("2023-01-16", CHILD, "police-report", "parents", motive="help was refused twice; the child is at risk"),
    ),
    # Told as a dilemma, without an end.
    left=(Left(CHILD, "in-progress"),),
    concluded=(
        AsOf("2022-11-17"),
        AsOf("2022-11-18", (FIRST,), answers=(YOUNG,)),
        AsOf("2023-01-11", (FIRST,), answers=(YOUNG,)),
        # Help was refused, but under twelve the row for care stands above the one for force.
        AsOf("2023-01-12", (FIRST, SECOND), answers=(YOUNG,)),
        AsOf("2023-01-13", (FIRST, SECOND), answers=(YOUNG,)),
    ),
    never_kinds={"home-sitter": "four days in succession at most", "luxury": "no mark has that reason"},
    never_tracks={"halt": "under twelve", "police-report": "nobody under twelve; against parents only a person decides"},
    unseen=("whether force would help the child: that is what the motive is for", "civil force (Jeugdbeschermingstafel)"),
)  # fmt: skip
