"""Who may read and write which topic, as operators read it: the table is that of the registry, and domains do not mix."""

import re
from pathlib import Path

import pytest

from aanwezig.cli.running import MEMBERS
from aanwezig.contracts.topics import PARKED, REGISTRY, Domain

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
HEADING = "### Who may read and write what"
# They write registers by commands of their own and read dead letters by the services' doors.
OPERATING = {"cli", "operators"}


def said():
    """The table: who, what they may read, what they may write."""
    part = PAGE.read_text("utf-8").partition(HEADING)[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")][2:]
    return {
        who.strip().strip("`"): tuple(sorted(re.findall(r"`([^`]+)`", cell)) for cell in cells)
        for who, *cells in lines
    }


def wanted():
    everybody = {name for topic in REGISTRY for name in (*topic.speakers, *topic.listeners)} - OPERATING
    return {
        who: (
            sorted(topic.name for topic in REGISTRY if who in topic.listeners),
            sorted(topic.name for topic in REGISTRY if who in topic.speakers),
        )
        for who in everybody
    }


def test_the_table_is_that_of_the_registry():
    assert said() == wanted()


def test_every_service_of_the_stack_has_its_rights_and_its_own_dead_letters():
    assert {member.name for member in MEMBERS} == set(PARKED) <= set(wanted())


@pytest.mark.parametrize(
    ("domain", "read_by", "written_by"),
    [
        (
            Domain.HEALTH, {"case-router-health", "notifier-health", "youth health care"},
            {"case-router-health", "notifier-health", "youth health care", "classifier"},
        ),
        (
            Domain.JUSTICE, {"case-router-justice", "notifier-justice", "Halt", "officer of justice"},
            {"case-router", "case-router-justice", "notifier-justice"},
        ),
    ],
)  # fmt: skip
def test_nobody_else_reads_or_writes_in_a_closed_domain(domain, read_by, written_by):
    topics = [topic for topic in REGISTRY if topic.domain is domain]
    assert {who for topic in topics for who in topic.listeners} == read_by
    assert {who for topic in topics for who in topic.speakers} == written_by


def test_whoever_reads_of_health_or_justice_reads_nothing_about_pupils_in_the_chain():
    about_pupils = {
        topic.name for topic in REGISTRY if topic.domain is Domain.CHAIN and topic.name != "chain.register.v1"
    }
    closed = {topic.name for topic in REGISTRY if topic.domain in {Domain.HEALTH, Domain.JUSTICE}}
    both = [who for who, (reads, _) in wanted().items() if {*reads} & closed and {*reads} & about_pupils]
    assert both == []
