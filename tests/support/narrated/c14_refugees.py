"""C14: refugees from boats in Zwartewaterland, taught in their own language first. Seed S0, 2022-2023: 27 not enrolled."""

from support.narrated.places import Child, School, Town
from support.narrated.story import Answered, AsOf, Found, Scenario, beat

SIX_AND_OLDER = tuple(
    Child(f"child {number}", 700 + number, born=f"{2007 + number % 9}-02-02") for number in range(1, 27)
)
YOUNGEST = Child("the youngest", 727, born="2017-11-20")
EVERYONE = (*SIX_AND_OLDER, YOUNGEST)
SCHOOL = School("14NV00", "po")
ZWARTEWATERLAND = Town("1896")

# 12 September + 28 = 10 October. The youngest is five on 20 November: the duty begins on 1 December, + 28 = 29 December.
OLDER = tuple(Found(child, "absolute", "2022-10-10", "28.00") for child in SIX_AND_OLDER)
ALL_27 = (*OLDER, Found(YOUNGEST, "absolute", "2022-12-29", "28.00"))

SCENARIO = Scenario(
    case="C14", title="taught in their own language first", source="S0, Zwartewaterland",
    schools=(SCHOOL,), children=EVERYONE,
    told=(
        beat(
            "2022-2023", "27 children live on boats and are not enrolled; they have lessons in their own language",
            *(ZWARTEWATERLAND.registers(child, "2022-09-12") for child in EVERYONE),
            assumed="registered on Monday 12 September 2022; 7 to 15 years, and one who turns five on 20 November",
        ),
        beat(
            "1 Sep 2023", "they go to ordinary schools",
            *(SCHOOL.enrols(child, "2023-09-01") for child in EVERYONE),
            assumed="one school stands for all",
        ),
    ),
    concluded=(
        AsOf("2022-10-09"),
        AsOf("2022-10-10", OLDER),
        AsOf("2022-12-28", OLDER),
        AsOf("2022-12-29", ALL_27, answers=(Answered(YOUNGEST, "not-enrolled", "prevention", "parents"),)),
        AsOf("2023-09-01", ALL_27),
        # One run each, of the year in which it became 28 days: none in 2023-2024.
        AsOf("2023-12-31", ALL_27),
        AsOf("2023-12-31", ALL_27, "deventer-2022"),
    ),
    never_kinds={"home-sitter": "at no school", "statutory": "no mark"},
    never_tracks={"halt": "not for this kind", "police-report": "nobody refused anything"},
    unseen=("the lessons in their own language: no school with a BRIN, so no enrolment",),
)  # fmt: skip
