"""A small synthetic region that lives the school year 2024-2025 and knows what is true of it.

It knows the contracts and not the law: what it holds to be true it counts itself, from its own plain records.
All schools, municipalities, pupils and numbers are invented.
"""

from aanwezig.region.officer import OfficerAct
from aanwezig.region.places import Municipality, School, System
from aanwezig.region.synthetic import Day, Region, Submission, build
from aanwezig.region.truth import StandingFinding, Truth

__all__ = [
    "Day",
    "Municipality",
    "OfficerAct",
    "Region",
    "School",
    "StandingFinding",
    "Submission",
    "System",
    "Truth",
    "build",
]
