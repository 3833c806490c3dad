"""
The narrated cases of the domain, C1 to C16, as stories that can be told again: one file a case.

A story says what is told (facts as senders submit them), what people did, and what is concluded as of several dates.
What the source does not tell is filled by an assumption that stands beside it as one. Every conclusion is derived by
hand from the rules, never from the code; the arithmetic stands beside it where it is not obvious.
"""

from support.narrated import (
    c01_place_without_a_number,
    c02_back_to_school,
    c03_reported_late,
    c04_luxury,
    c05_stuck,
    c06_halt,
    c07_forza,
    c08_parents_refuse,
    c09_klassehuis,
    c10_out_of_reach,
    c11_simnara,
    c12_on_paper_only,
    c13_waiting_for_a_class,
    c14_refugees,
    c15_sickness,
    c16_eighteen_plus,
)
from support.narrated.story import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *c01_place_without_a_number.SCENARIOS,
    c02_back_to_school.SCENARIO,
    c03_reported_late.SCENARIO,
    c04_luxury.SCENARIO,
    c05_stuck.SCENARIO,
    *c06_halt.SCENARIOS,
    c07_forza.SCENARIO,
    c08_parents_refuse.SCENARIO,
    c09_klassehuis.SCENARIO,
    c10_out_of_reach.SCENARIO,
    c11_simnara.SCENARIO,
    c12_on_paper_only.SCENARIO,
    c13_waiting_for_a_class.SCENARIO,
    c14_refugees.SCENARIO,
    c15_sickness.SCENARIO,
    c16_eighteen_plus.SCENARIO,
)

__all__ = ["SCENARIOS"]
