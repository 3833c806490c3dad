"""C11: Simnara, 18, from vmbo to mbo. Seed S3, Deventer: nothing is missed, so nothing is concluded."""

from support.narrated.places import NORTH_2021, NORTH_2022, NORTH_2023, Child, School, Town
from support.narrated.story import AsOf, Scenario, Took, beat

SIMNARA = Child("Simnara", 550, born="2004-09-14")
VMBO = School("11NV00", "vo", (NORTH_2021,))
MBO = School("11MB00", "mbo", (NORTH_2022, NORTH_2023))
DEVENTER = Town("0150")

SCENARIO = Scenario(
    case="C11", title="Simnara goes on to mbo", source="S3, Deventer",
    schools=(VMBO, MBO), children=(SIMNARA,),
    told=(
        beat(
            "?", "a refugee, at a vmbo; a coach before the switch",
            DEVENTER.registers(SIMNARA, "2018-06-01"),
            VMBO.enrols(SIMNARA, "2019-08-01", "2022-07-31"),
            VMBO.present(SIMNARA, VMBO.days("2022-05-09", "2022-07-15")),
            assumed="17 years in summer 2022, living here since 2018",
        ),
        beat(
            "?", "the switch to mbo; at 18 insurance and study finance; a laptop through the student fund",
            MBO.enrols(SIMNARA, "2022-08-22"),
            MBO.present(SIMNARA, MBO.days("2022-08-29", "2022-10-14")),
            assumed="enrolled from 22 August 2022, 18 years on 14 September",
        ),
        beat("later", "no internship place; found through an app"),
        beat(
            "?", "in year 2", MBO.present(SIMNARA, MBO.days("2023-09-04", "2023-10-20")),
            assumed="still enrolled in autumn 2023",
        ),
    ),
    done=(Took("2022-06-13", "transition coach", "talk-held", SIMNARA, "before the switch; with consent", assumed=False),),
    concluded=(
        AsOf("2022-07-31"),
        # Enrolled nowhere from 1 to 21 August: 21 dates, and 28 are asked.
        AsOf("2022-08-29"),
        AsOf("2022-08-29", definition="ocw-2016"),
        AsOf("2022-10-14"),
        AsOf("2023-10-20"),
        AsOf("2023-10-20", definition="deventer-2022"),
    ),
    never_kinds={
        "absolute": "21 days between two schools", "eighteen-plus": "nothing is missed", "statutory": "nothing is missed",
    },
    unseen=(
        "the watch over the switch between schools, the coach, the extra time, the money, the internship: no absence",
        "the hand-over at 18, which asks consent",
    ),
)  # fmt: skip
