"""The domains the program runs in, an instance for each (ADR 11): what it hears, and where it says its notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aanwezig.contracts.topics import (
    CASES,
    CASES_HALT,
    CASES_POLICE_REPORT,
    HEALTH_CASES,
    HEALTH_NOTICES,
    JUSTICE_NOTICES,
    NOTICES,
    SCHOOL_NOTICES,
    SIGNALS,
    Topic,
)
from aanwezig.notifier.table import Domain


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance: the name of its database, groups and parked topic, the topics it tells of, and where it says so."""

    service: str
    hears: tuple[Topic, ...]
    says: Topic


INSTANCES: Final[Mapping[Domain, Instance]] = {
    "school": Instance("notifier-school", (SIGNALS,), SCHOOL_NOTICES),
    "chain": Instance("notifier", (CASES,), NOTICES),
    "health": Instance("notifier-health", (HEALTH_CASES,), HEALTH_NOTICES),
    "justice": Instance("notifier-justice", (CASES_HALT, CASES_POLICE_REPORT), JUSTICE_NOTICES),
}
