"""An example of everything that is said, built by the code that says it. Every number is invented.

They are read by people who build against the contract, and by the tests: each is valid by its schema and read by our models.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Final

from aanwezig.contracts.envelope import Event
from aanwezig.contracts.facts import (
    NAME_OF,
    ArrangementSet,
    CalendarRecorded,
    CareSignalled,
    EnrolmentRecorded,
    ExemptionGranted,
    Fact,
    Holiday,
    LeaveGranted,
    MarkRecorded,
    PersonRecorded,
    QualificationObtained,
    Retraction,
    SchoolReported,
    SickReported,
)
from aanwezig.contracts.findings import (
    Context,
    Contradiction,
    Counted,
    Finding,
    Identity,
    Measured,
    NotCounted,
    ReportSeen,
    Rule,
    SignalSeen,
    finding_data,
)  # fmt: skip
from aanwezig.contracts.identifiers import PLATFORM_SOURCE, derived_id, municipality_source, school_source
from aanwezig.contracts.published_records import (
    CASES,
    COMMANDS,
    FEEDS,
    NOTICES,
    RECEIPTS,
    RECEIPTS_GIVEN,
    REGISTER,
)
from aanwezig.contracts.topics import FINDING_EVENTS
from aanwezig.contracts.writing import data_of  # fmt: skip

PUPIL: Final = derived_id("example", "pupil")
CHAIN_PUPIL: Final = derived_id("example", "pupil in the chain")
NUMBER: Final = "123456782"
"""Nine digits that pass the eleven-test and belong to nobody."""
SCHOOL: Final = "25PL00"
SCHOOL_SOURCE: Final = school_source("25PL", "voorbeeld")
MUNICIPALITY_SOURCE: Final = municipality_source("0637")
TRACE: Final = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_TOLD: Final = datetime(2024, 9, 2, 14, 5, tzinfo=UTC)
_MONDAY: Final = date(2024, 9, 2)
_YEAR_END: Final = date(2025, 7, 31)

FACTS: Final[tuple[Fact, ...]] = (
    MarkRecorded(PUPIL, SCHOOL, _MONDAY, "lesson-3", 50, "absent", authorised=False, reason="truancy", missed=40),
    EnrolmentRecorded(PUPIL, SCHOOL, date(2024, 8, 1), "vo", _YEAR_END, 26.5),
    PersonRecorded(PUPIL, date(2010, 3, 15), "0637", date(2012, 5, 1)),
    QualificationObtained(PUPIL, _MONDAY, "havo"),
    LeaveGranted(PUPIL, SCHOOL, date(2024, 9, 9), date(2024, 9, 10), "11g", "head"),
    ExemptionGranted(PUPIL, "5a", date(2024, 8, 1), _YEAR_END, renewal=True),
    ArrangementSet(PUPIL, "partial-timetable", _MONDAY, SCHOOL, date(2024, 10, 25), 12.0),
    SickReported(PUPIL, SCHOOL, _MONDAY, date(2024, 9, 4)),
    SchoolReported(PUPIL, SCHOOL, "light", _MONDAY, "Gesprek met leerling en ouders gevoerd.", announced=True),
    CareSignalled(PUPIL, "family", _MONDAY, SCHOOL, help_in_place=True),
    CalendarRecorded(
        SCHOOL, date(2024, 8, 1), _YEAR_END, (1, 2, 3, 4, 5),
        (Holiday(date(2024, 10, 26), date(2024, 11, 3), "herfstvakantie"),), (date(2024, 12, 5),), {"1": 7, "5": 6},
    ),
)  # fmt: skip
_MUNICIPALITY_SAYS: Final = (PersonRecorded, ExemptionGranted)


def examples() -> dict[str, Any]:
    """Every good example by its path below `examples/`, without suffix: JSON values."""
    found: dict[str, Any] = {}
    for fact in FACTS:
        name = NAME_OF[type(fact)]
        retraction = _retraction(fact)
        for path, word in ((name, fact), (f"{name}-retracted", retraction)):
            found[path] = _after_intake(path, name, type(fact), data_of(word))
            found[f"submitted/{path}"] = _submitted(path, name, type(fact), data_of(word))
    found["submitted/mark-recorded-of-a-local-pupil"] = _of_a_local_pupil(found["submitted/mark-recorded"])
    found |= _findings()
    found["day-closed"] = _ours("day-closed", "classifier", {"date": "2024-09-02"})
    found["day-closed-of-one-origin"] = _ours(
        "day-closed", "classifier", {"date": "2024-09-02", "origin": 3, "origins": 12}
    )
    for name, data in FEEDS.items():
        found[name] = _ours(name, "classifier", data)
    for name, data in CASES.items():
        found[name] = _ours(name, "case-router", data)
    for name, data in COMMANDS.items():
        found[name] = _ours(name, "case-router" if name == "decision-refused" else "officers", data)
    for name, data in NOTICES.items():
        found[name] = _ours(name, "notifier", data)
    for name, data in REGISTER.items():
        found[name] = _ours(name, "operators", data)
    for path, data in RECEIPTS_GIVEN.items():
        found[path] = _ours("receipts-given", "intake", data)
    return found | RECEIPTS


def _source(kind: type[Any]) -> str:
    return MUNICIPALITY_SOURCE if kind in _MUNICIPALITY_SAYS else SCHOOL_SOURCE


def _retraction(fact: Fact) -> Retraction:
    return Retraction(NAME_OF[type(fact)], tuple(getattr(fact, field) for field in fact.KEY))


def _after_intake(path: str, name: str, kind: type[Any], data: dict[str, Any]) -> Any:
    id_ = derived_id("example", path)
    return Event(id_, _source(kind), name, _TOLD, data, sequence=7, traceparent=TRACE).as_json()


def _submitted(path: str, name: str, kind: type[Any], data: dict[str, Any]) -> Any:
    if "pupil" in data:
        data["pupil"] = {"number": NUMBER}
    return Event(f"voorbeeld-{path}", _source(kind), name, _TOLD, data, sequence=7).as_json()


def _of_a_local_pupil(mark: dict[str, Any]) -> Any:
    data = {**mark["data"], "pupil": {"local": "leerling-17"}, "reason": None, "retracted": False}
    return {
        **mark,
        "id": "voorbeeld-17",
        "time": "2024-09-02T16:05:00.250+02:00",
        "sequence": 8,
        "data": data,
    }


def _ours(name: str, service: str, data: dict[str, Any]) -> Any:
    id_ = derived_id("example", name, str(data))
    cause = derived_id("example", "the cause of", name)
    return Event(
        id_, f"{PLATFORM_SOURCE}-{service}", name, _TOLD, data, causation=cause, traceparent=TRACE
    ).as_json()


def _findings() -> dict[str, Any]:
    amended = finding_data(_contradicted(_statutory()), revision=2, pupil=CHAIN_PUPIL)
    amended["not_counted"].append({"reason": "authorised", "count": 2})
    data = {
        "finding-raised": finding_data(_statutory(), revision=1, pupil=CHAIN_PUPIL),
        "finding-raised-about-a-school": finding_data(_silent_feed(), revision=1, pupil=None),
        "finding-raised-home-sitter": finding_data(_home_sitter(), revision=1, pupil=CHAIN_PUPIL),
        "finding-raised-returned": finding_data(_returned(), revision=1, pupil=CHAIN_PUPIL),
        "finding-amended": amended,
        "finding-withdrawn": finding_data(_statutory(), revision=3, pupil=CHAIN_PUPIL),
    }
    names = {path: next(name for name in FINDING_EVENTS if path.startswith(name)) for path in data}
    return {path: _ours(names[path], "classifier", said) for path, said in data.items()}


def _rule(kind: str, article: str) -> Rule:
    return Rule(kind, "nl-2024", "1", article)


def _row(number: int, hours: Fraction | None, slot: str = "lesson-1") -> Counted:
    return Counted(derived_id("example", "mark", str(number)), date(2024, 9, 1 + number), slot, hours)


def _statutory() -> Finding:
    rows = (
        *(_row(number, Fraction(2)) for number in range(1, 8)),
        _row(8, Fraction(5, 3)),
        _row(9, Fraction(1, 3)),
    )
    return Finding(
        pupil=CHAIN_PUPIL, school=SCHOOL, municipality="0637", kind="statutory", ordinal=1, school_year="2024-2025",
        at=date(2024, 9, 10), obligation="leerplichtig", rule=_rule("statutory", "Leerplichtwet 1969, art. 21a"),
        window=(date(2024, 8, 14), date(2024, 9, 10)),
        measured=Measured(Fraction(16), "hours", ">=", Fraction(16)), counted=rows,
        not_counted=(NotCounted(derived_id("example", "mark", "late"), date(2024, 9, 3), "lesson-2", "late"),),
        school_type="vo", age=14, known_at=datetime(2024, 9, 10, 15, 0, tzinfo=UTC),
        context=Context(
            Fraction(16), 1, (SignalSeen("family", date(2024, 9, 2), help_in_place=True),),
            (ReportSeen("light", date(2024, 9, 6), announced=False),),
        ),
    )  # fmt: skip


def _contradicted(finding: Finding) -> Finding:
    """The municipality told another birth date since, and a second school says that the pupil is enrolled there."""
    birth, there = (
        Contradiction(about, derived_id("example", "stands", about), derived_id("example", "against", about))
        for about in ("birth-date", "enrolment")
    )
    return replace(finding, contradictions=(birth, there))


def _home_sitter() -> Finding:
    return Finding(
        pupil=CHAIN_PUPIL, school=SCHOOL, municipality=None, kind="home-sitter", ordinal=1, school_year="2024-2025",
        at=date(2024, 9, 29), obligation="unknown", rule=_rule("home-sitter", "Leerplichtwet 1969, art. 2"),
        window=(date(2024, 9, 2), date(2024, 9, 29)), measured=Measured(Fraction(28), "days", ">=", Fraction(28)),
        counted=(_row(1, None), _row(2, None)), calendar="assumed", definition="thuiszitter@zoetermeer-2024",
        known_at=datetime(2024, 9, 27, 14, 5, tzinfo=UTC), context=Context(Fraction(0), 0, (), ()),
    )  # fmt: skip


def _returned() -> Finding:
    about = Identity(CHAIN_PUPIL, SCHOOL, "home-sitter", "thuiszitter@zoetermeer-2024", "2024-2025", 1)
    return Finding(
        pupil=CHAIN_PUPIL, school=SCHOOL, municipality="0637", kind="returned", ordinal=1, school_year="2024-2025",
        at=date(2024, 10, 1), obligation="leerplichtig", rule=_rule("returned", "Leerplichtwet 1969, art. 2"),
        window=(date(2024, 9, 2), date(2024, 9, 2)), measured=Measured(Fraction(29), "days", None, None),
        counted=(_row(1, None),), about=about, school_type="vo", age=14,
        known_at=datetime(2024, 10, 1, 9, 0, tzinfo=UTC), context=Context(Fraction(1, 3), 0, (), ()),
    )  # fmt: skip


def _silent_feed() -> Finding:
    return Finding(
        pupil=None, school=SCHOOL, municipality="0637", kind="silent-feed", ordinal=1, school_year="2024-2025",
        at=date(2024, 9, 12), obligation=None, rule=_rule("silent-feed", "Leerplichtwet 1969, art. 21"), window=None,
        measured=Measured(Fraction(1), "days", ">=", Fraction(1)),
    )  # fmt: skip
