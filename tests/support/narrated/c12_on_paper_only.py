"""C12: a registration without an enrolment makes a case by itself. Seed S1, Heerde, and S3, Deventer (87 opened, 33 real)."""

from support.narrated.places import Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Left, Scenario, Took, beat

LATE = Child("the child enrolled late", 600, born="2013-02-11")
LEFT = Child("the child that left", 601, born="2011-06-30")
REAL = Child("the child at home", 602, born="2010-04-04")
SCHOOL = School("12NV00", "po")
HEERDE = Town("0246")


def nowhere(*children: Child) -> tuple[Found, ...]:
    """Resident from 5 September 2022, enrolled nowhere: 5 September + 28 = 3 October."""
    return tuple(Found(child, "absolute", "2022-10-03", "28.00") for child in children)


PREVENTION = Answered(REAL, "not-enrolled", "prevention", "parents")
REFUSED = Answered(REAL, "not-enrolled-refused", "police-report", "parents")
BEFORE_THE_SCHOOL, BEFORE_THE_TOWN = "2022-10-11", "2023-02-05"

SCENARIO = Scenario(
    case="C12", title="absent on paper only", source="S1, Heerde; S3, Deventer",
    schools=(SCHOOL,), children=(LATE, LEFT, REAL),
    told=(
        beat(
            "?", "three children are registered, and no enrolment is known",
            HEERDE.registers(LATE, "2022-09-05"), HEERDE.registers(LEFT, "2022-09-05"), HEERDE.registers(REAL, "2022-09-05"),
            assumed="all on Monday 5 September 2022, of 9, 11 and 12 years",
        ),
        beat("4 weeks later", "processes are made automatically"),
        beat(
            "?", "an enrolment arrives late but is dated earlier",
            SCHOOL.enrols(LATE, "2022-09-19", logged="2022-10-12"),
            assumed="told on 12 October, from 19 September: 14 dates without",
        ),
        beat(
            "?", "another turns out to have left the country without saying so",
            HEERDE.registers(LEFT, "2022-09-05", until="2022-09-26", because="abroad", logged="2023-02-06"),
            assumed="left on 26 September, found on 6 February 2023: 22 dates of residence",
        ),
    ),
    done=(
        Took("2022-10-06", "officer", "letter-sent", REAL, "four weeks to enrol"),
        Took("2023-02-20", "officer", "enrolment-refused", REAL, "the parents do not enrol: only to show the other row"),
    ),
    # Nobody had acted for two of them: what was learned withdraws their cases, and no outcome is counted.
    left=(Left(LATE, "withdrawn"), Left(LEFT, "withdrawn"), Left(REAL, "in-progress")),
    concluded=(
        AsOf("2022-10-02", known=BEFORE_THE_SCHOOL),
        AsOf("2022-10-03", nowhere(LATE, LEFT, REAL), known=BEFORE_THE_SCHOOL, answers=(PREVENTION,)),
        AsOf("2022-10-12", nowhere(LATE, LEFT, REAL), known=BEFORE_THE_SCHOOL),
        # What was learned takes away what was concluded before, also as of the old date.
        AsOf("2022-10-12", nowhere(LEFT, REAL), known="2022-10-12"),
        AsOf("2022-10-03", nowhere(LEFT, REAL), known=BEFORE_THE_TOWN),
        AsOf("2023-02-06", nowhere(REAL), answers=(PREVENTION,)),
        AsOf("2023-02-20", nowhere(REAL), answers=(REFUSED,)),
        AsOf(
            "2023-02-20",
            (*nowhere(REAL), Found(REAL, "home-sitter", "2022-10-03", "28.00")), "ocw-2016",
            answers=(Answered(REAL, "home", "care-meeting", by={("absolute", 1): "not-enrolled-refused"}),),
        ),
    ),
    never_kinds={"statutory": "no mark", "silent-feed": "no calendar", "long-term": "at no school"},
    never_tracks={"halt": "not for this kind"},
    unseen=("who has left the country, until the municipality corrects its register", "'registration delay' as an outcome: said by a person when a case had a step"),
)  # fmt: skip
