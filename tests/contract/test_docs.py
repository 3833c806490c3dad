"""The pages say what the code says: links, commands, settings, metrics and log events are compared both ways."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import click
import pytest
from prometheus_client.metrics import MetricWrapperBase
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from aanwezig.case_router.settings import CaseRouterSettings
from aanwezig.chassis import metrics
from aanwezig.chassis.settings import ServiceSettings
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.cli.main import main
from aanwezig.cli.running import MEMBERS
from aanwezig.contracts.generate import ROOT
from aanwezig.intake.settings import IntakeSettings
from aanwezig.local.kafka import KAFKA_PORT
from aanwezig.local.mongo import MONGO_PORT
from aanwezig.notifier.channels.timetable import TIMETABLE
from aanwezig.notifier.settings import NotifierSettings

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "services").glob("*/README.md")),
]
SOURCES = sorted(
    file for room in ("shared", "services", "deploy", "cli") for file in (ROOT / room).rglob("src/**/*.py")
)
SETTINGS = {
    "every service": ServiceSettings,
    "intake": IntakeSettings,
    "classifier": ClassifierSettings,
    "case-router": CaseRouterSettings,
    "notifier": NotifierSettings,
}
LEVELS = ("debug", "info", "warning", "error", "critical")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page):
    return (ROOT / page).read_text("utf-8")


def section(page, heading):
    """The lines under a heading, up to the next of the same or a higher level."""
    found, level = [], 0
    for line in text_of(page).splitlines():
        title = re.fullmatch(r"(#+) (.*)", line)
        if title and level and len(title[1]) <= level:
            break
        if level:
            found.append(line)
        elif title and title[2] == heading:
            level = len(title[1])
    assert found, f"{page} has no part {heading!r}"
    return found


def rows(page, heading):
    """The table under a heading, a list of cells per row, without its head."""
    lines = [line for line in section(page, heading) if line.startswith("|")]
    # A bar inside a cell is written `\|`.
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def assert_same(said, wanted):
    """Tables are equal; if not, what the page should hold is printed, ready to be copied."""
    assert said == wanted, "the page should say:\n" + "\n".join(f"| {' | '.join(row)} |" for row in wanted)


def anchors(page):
    """The anchors of a page's headings, as code hosts make them."""
    titles = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def in_code(page):
    """Everything on a page that is written as code: blocks and spans."""
    text = text_of(page)
    blocks = re.findall(r"^```(?!mermaid)\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [*blocks, *re.findall(r"`([^`\n]+)`", rest)]


@each_page
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(there), f"{target}: there is no such heading"


@each_page
def test_every_file_that_is_named_exists(page):
    for code in in_code(page):
        for path in re.findall(
            r"(?<![\w./<-])(?:docs|tests|shared|services|deploy|cli)/[\w./*-]+[\w*/]", code
        ):
            assert list(ROOT.glob(path.rstrip("/").replace("...", "**"))), f"{path} is not there"


@each_page
def test_every_command_and_option_exists(page):
    for code in in_code(page):
        for line in re.sub(r"\\\n", " ", code).splitlines():
            told = re.match(r"(?:\.venv/bin/|[A-Z_]+=\S+ )*aanwezig ([a-z].*)", line)
            if told:
                check_command(told[1].split())


def check_command(words):
    context = click.Context(main)
    command = main.get_command(context, words[0])
    assert command is not None, f"there is no command aanwezig {words[0]}"
    rest = words[1:]
    while isinstance(command, click.Group) and rest:
        inner = command.get_command(context, rest[0])
        assert inner is not None, f"there is no command aanwezig {words[0]} {rest[0]}"
        command, rest = inner, rest[1:]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
    options = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert options <= known, f"aanwezig {' '.join(words[:2])} has no {sorted(options - known)}"


def test_every_command_is_told_in_the_operators_page():
    told = {re.split(r"[` ]", row[0].strip("`"))[1] for row in rows("docs/operations.md", "Commands")}
    assert told == set(main.list_commands(click.Context(main)))


@each_page
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = {name for code in in_code(page) for name in re.findall(r"^make ([a-z-]+)", code, re.MULTILINE)}
    assert named <= targets


def default_of(field):
    if field.default is PydanticUndefined:
        return "must be set"
    if field.default is None:
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def settings_rows(kind):
    """What a service tells of its settings: those of every service too, where it has them otherwise."""
    return [row for row in setting_rows_of(kind) if kind is ServiceSettings or row not in SHARED]


def setting_rows_of(kind):
    return [
        [f"`AANWEZIG_{name.upper()}`", default_of(field), field.description.replace("<", "&lt;")]
        for name, field in kind.model_fields.items()
    ]


SHARED = setting_rows_of(ServiceSettings)


@pytest.mark.parametrize("whose", SETTINGS)
def test_the_settings_are_those_of_the_code(whose):
    assert_same(rows("docs/operations.md", f"Settings of {whose}"), settings_rows(SETTINGS[whose]))


def test_a_key_has_no_default():
    """A secret that is not given must stop the start."""
    for kind in SETTINGS.values():
        for name, field in kind.model_fields.items():
            assert field.annotation is not SecretStr or field.is_required(), name


def metric_rows():
    """Every metric as it is scraped: a counter's name ends in `_total`."""
    found = []
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            name = metric._name + ("_total" if metric._type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "-"
            found.append([f"`{name}`", metric._type, labels, metric._documentation])
    return found


def test_the_metrics_are_those_of_the_code():
    assert_same(rows("docs/operations.md", "Metrics"), metric_rows())


def test_the_ports_are_those_of_the_code():
    ports = {"kafka": KAFKA_PORT, "mongo": MONGO_PORT} | {one.name: one.port for one in MEMBERS}
    assert [row[:2] for row in rows("docs/operations.md", "Ports")] == [
        [f"`{name}`", str(port)] for name, port in ports.items()
    ]


def test_the_timetable_of_webhooks_is_that_of_the_code():
    units = {"s": 1, "min": 60, "h": 3600}
    for page, heading in (
        ("docs/guarantees.md", "The timetable of webhooks"),
        ("docs/partners/webhooks.md", "When you do not answer"),
    ):
        waits = rows(page, heading)[0][1:]
        said = [int(wait.split()[0]) * units[wait.split()[1]] for wait in waits]
        assert said == [wait.total_seconds() for wait in TIMETABLE], page


class LogCalls(ast.NodeVisitor):
    """The log events of a module: per event its levels and the names of its fields. A call it cannot read fails."""

    def __init__(self, file):
        self.file = file
        self.found = defaultdict(lambda: (set(), set()))
        self._tellers = {}
        self._words = {}

    def visit_Assign(self, node):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        levels = {level for part in ast.walk(node.value) if (level := level_of(part)) is not None}
        called = any(isinstance(part, ast.Call) and level_of(part.func) for part in ast.walk(node.value))
        words = {
            part.value
            for part in (
                [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
            )
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        }
        for name in names:
            if levels and not called:
                self._tellers[name] = levels
            if words:
                self._words[name] = words
        self.generic_visit(node)

    def visit_Call(self, node):
        level = level_of(node.func)
        levels = {level} if level else self._tellers.get(getattr(node.func, "id", ""))
        if levels:
            events = self._named(node.args[0])
            assert events, f"{self.file}:{node.lineno}: the name of a log event is not a constant"
            for event in events:
                self.found[event][0].update(levels)
                self.found[event][1].update(word.arg for word in node.keywords)
        self.generic_visit(node)

    def _named(self, first):
        if isinstance(first, ast.Constant):
            return {first.value}
        return self._words.get(getattr(first, "id", ""), set())


def level_of(node):
    """The level of `_log.<level>`, or of a logger that was just got; None for anything else."""
    if not isinstance(node, ast.Attribute) or node.attr not in LEVELS:
        return None
    owner = node.value
    ours = isinstance(owner, ast.Name) and owner.id == "_log"
    got = (
        isinstance(owner, ast.Call)
        and isinstance(owner.func, ast.Attribute)
        and owner.func.attr == "get_logger"
    )
    return node.attr if ours or got else None


def log_events(files):
    events = defaultdict(lambda: (set(), set()))
    for file in files:
        calls = LogCalls(file)
        calls.visit(ast.parse(file.read_text("utf-8")))
        for event, (levels, fields) in calls.found.items():
            events[event][0].update(levels)
            events[event][1].update(fields)
    return [
        [
            f"`{event}`",
            ", ".join(sorted(levels, key=LEVELS.index)),
            ", ".join(f"`{field}`" for field in sorted(fields)) or "-",
        ]
        for event, (levels, fields) in sorted(events.items())
    ]


def test_the_log_events_are_those_of_the_code():
    said = rows("docs/log-events.md", "The events")
    assert_same([row[:3] for row in said], log_events(SOURCES))
    assert all(len(row[3]) > 20 for row in said)


def test_a_log_event_is_found_however_it_is_said(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(
        '_log.info("a.said", rows=1)\n'
        'event = "b.failed" if worse else "b.waits"\n'
        "level = _log.error if worse else _log.warning\n"
        "level(event, reason=2)\n"
        'structlog.get_logger(module=1).debug("c.heard")\n',
        "utf-8",
    )
    assert log_events([file]) == [
        ["`a.said`", "info", "`rows`"],
        ["`b.failed`", "warning, error", "`reason`"],
        ["`b.waits`", "warning, error", "`reason`"],
        ["`c.heard`", "debug", "-"],
    ]


def test_a_log_event_without_a_constant_name_is_refused(tmp_path):
    file = tmp_path / "module.py"
    file.write_text('_log.info(f"{what}.said")\n', "utf-8")
    with pytest.raises(AssertionError, match="not a constant"):
        log_events([file])


def test_a_command_that_does_not_exist_is_noticed():
    with pytest.raises(AssertionError, match="no command aanwezig fly"):
        check_command(["fly"])
    with pytest.raises(AssertionError, match="no command aanwezig day open"):
        check_command(["day", "open"])
    with pytest.raises(AssertionError, match="has no"):
        check_command(["send", "facts.ndjson", "--quickly"])


def test_every_page_of_the_documentation_is_reached_from_the_readme():
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)#\s]+)", text_of(page))
        ahead += [
            Path(page.parent / target).resolve()
            for target in targets
            if not target.startswith("http") and (page.parent / target).is_file()
        ]
    assert set(PAGES) <= reached
