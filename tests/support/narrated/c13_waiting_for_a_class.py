"""C13: a girl in an asylum centre, and seventeen children who wait for a class. Seed S0, Dalfsen, 2022-2023."""

from support.narrated.places import Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, Took, beat

GIRL = Child("the girl", 650, born="2008-07-07")
SEVENTEEN = tuple(
    Child(f"child {number}", 650 + number, born=f"{2010 + number % 7}-05-05") for number in range(1, 18)
)
EVERYONE = (GIRL, *SEVENTEEN)
VILSTEREN = School("13NV00", "po")
DALFSEN = Town("0148")

# 3 October + 28 = 31 October; enrolled on 9 January, after 98 dates. What stood does not go away by it.
NOWHERE = tuple(Found(child, "absolute", "2022-10-31", "28.00") for child in EVERYONE)
WAITING = tuple(
    Answered(child, "not-enrolled", "prevention", "parents", by={("absolute", 1): "not-enrolled"})
    for child in EVERYONE
)

SCENARIO = Scenario(
    case="C13", title="waiting for a class", source="S0, Dalfsen",
    schools=(VILSTEREN,), children=EVERYONE,
    told=(
        beat(
            "?", "a girl in an asylum centre cannot go to school now; neither can seventeen younger children",
            *(DALFSEN.registers(child, "2022-10-03") for child in EVERYONE),
            assumed="registered here on Monday 3 October 2022; the girl 14, the others 6 to 12 years",
        ),
        beat(
            "later", "seventeen children start at the school in Vilsteren",
            *(VILSTEREN.enrols(child, "2023-01-09") for child in SEVENTEEN),
            assumed="on Monday 9 January 2023; the school tells no calendar here",
        ),
    ),
    done=tuple(Took("2022-11-07", "officer", "first-contact", child, "waiting list of the language class") for child in EVERYONE),
    concluded=(
        AsOf("2022-10-30"),
        AsOf("2022-10-31", NOWHERE, answers=WAITING),
        AsOf("2023-01-09", NOWHERE),
        # One run, one finding, also over the end of the school year: the girl is not found again in August.
        AsOf("2023-09-30", NOWHERE),
        AsOf("2022-10-30", (), "ocw-2016"),
    ),
    never_kinds={"statutory": "no mark", "home-sitter": "at no school: only the ministry's definition counts them"},
    never_tracks={"halt": "not for this kind", "police-report": "nobody refused anything"},
    unseen=(
        "the reason: a waiting list. An officer says so with the outcome; a case is a child's, there is no group case",
        "a child in an asylum centre that the population register does not have",
    ),
)  # fmt: skip
