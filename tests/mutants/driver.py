"""Plants one fault after the other in the law, and sees which of them no test notices.

The tests are collected once, by pytest, in this process; `Driver` is its loop. Every mutant lives in a child of it, where
the code of the functions is replaced in place: no file is touched, and what one mutant spoils is gone with its child.
There the tests that run the line are run, those first that noticed something before, until one fails. A child that uses
much more processor time or memory than tests do has lost its way; that is noticed too.
"""

import ast
import ctypes
import gc
import os
import pickle
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from mutations import Mutant, mutants_of

from aanwezig.law.calendar import ASSUMED

NOTICED, SURVIVED, UNRUN, UNMADE = "noticed", "survived", "run by no test", "not made"
_MEMORY = 1 << 30
_QUICK = 0.5
_DIE_WITH_PARENT, _SIGKILL = 1, 9

_Functions = dict[tuple[str, str, int], list[FunctionType]]
_Lines = set[tuple[str, int]]


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. `by`: the test that noticed it, or why not more tests were run."""

    mutant: Mutant
    what: str
    by: str = ""


class Driver:
    """Stands in for pytest's own loop.

    `seconds`: the processor time spent at most on one mutant; `wanted`: whether to try the so-many-th of a file;
    `generated`: whether tests that make up their examples judge too.
    """

    def __init__(
        self,
        law: Path,
        files: Sequence[str],
        *,
        seconds: float,
        wanted: Callable[[int, Mutant], bool],
        generated: bool,
        said: Callable[[Verdict], None],
    ) -> None:
        self.law, self.files, self.seconds, self.wanted, self.said = law, files, seconds, wanted, said
        self.generated = generated
        self.tests = 0
        self._failed = False
        self._noticed_by: Counter[str] = Counter()

    def pytest_configure(self) -> None:
        """Made-up examples are the same for every mutant."""
        from hypothesis import settings  # noqa: PLC0415 - pytest wants to have seen it first

        settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Whether a test failed, in whatever phase."""
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """The mutants instead of the tests."""
        # Generated examples cost a hundred times a table.
        items = [one for one in session.items if self.generated or not _generates(one)]
        self.tests = len(items)
        _forget()
        functions = _functions(self.law)
        gc.collect()
        gc.freeze()
        surveyed = _in_child(lambda: self._survey(items))
        if surveyed is None or isinstance(surveyed, str):
            raise pytest.UsageError(f"without any mutant already this does not hold: {surveyed}")
        lines, took = surveyed
        for file in self.files:
            path = self.law / file
            tree = ast.parse(path.read_text(encoding="utf-8"))
            self._noticed_by.clear()
            for number, mutant in enumerate(mutants_of(file, tree)):
                if self.wanted(number, mutant):
                    chosen = [items[place] for place in self._order(mutant, str(path), items, lines, took)]
                    self.said(self._judged(mutant, path, tree, functions, chosen))
        return True

    def _order(
        self,
        mutant: Mutant,
        path: str,
        items: Sequence[pytest.Item],
        lines: Sequence[_Lines],
        took: Sequence[float],
    ) -> list[int]:
        """The tests that run a mutant's lines (a constant's: its module), the most promising first."""
        if mutant.where == "module":
            running = [place for place, run in enumerate(lines) if any(name == path for name, _ in run)]
        else:
            wanted = {(path, line) for line in mutant.lines}
            running = [place for place, run in enumerate(lines) if not wanted.isdisjoint(run)]
        own = f"test_{Path(path).stem}.py"

        def promise(place: int) -> tuple[bool, bool, float]:
            name = items[place].nodeid
            return not self._noticed_by[name], own not in name or took[place] > _QUICK, took[place]

        return sorted(running, key=promise)

    def _survey(self, items: Sequence[pytest.Item]) -> tuple[list[_Lines], list[float]] | str:
        """Which lines of the law each test runs and how long it takes. In a child: nothing may stay computed."""
        covered, took = [], []
        for item in items:
            lines: _Lines = set()
            begun = time.process_time()
            sys.settrace(_tracer(str(self.law), lines))
            _run(item)
            sys.settrace(None)
            took.append(time.process_time() - begun)
            covered.append(lines)
            if self._failed:
                return item.nodeid
        return covered, took

    def _judged(
        self,
        mutant: Mutant,
        path: Path,
        tree: ast.Module,
        functions: _Functions,
        items: Sequence[pytest.Item],
    ) -> Verdict:
        if not items:
            return Verdict(mutant, UNRUN)

        def tried() -> tuple[str, str]:
            mutant.plant()
            if not _replaced(mutant, path, tree, functions):
                return UNMADE, ""
            _bound(self.seconds)
            end = time.process_time() + self.seconds
            for item in items:
                _run(item)
                if self._failed:
                    return NOTICED, item.nodeid
                if time.process_time() > end:
                    return SURVIVED, f"{self.seconds:g} s of tests"
            return SURVIVED, ""

        what, by = _in_child(tried) or (NOTICED, "it came to no end")
        if what == NOTICED:
            self._noticed_by[by] += 1
        return Verdict(mutant, what, by)


def _generates(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _run(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _forget() -> None:
    """What collecting made the one calendar of all tests compute: no mutant would be asked for it again."""
    vars(ASSUMED).clear()
    ASSUMED.__init__(())  # type: ignore[misc]


def _functions(law: Path) -> _Functions:
    """Every function of the law there is, by file, name and line: those inside properties and tables too."""
    found: _Functions = defaultdict(list)
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(str(law)):
            code = one.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(one)
    return found


def _replaced(mutant: Mutant, path: Path, tree: ast.Module, functions: _Functions) -> bool:
    """Puts the code of the changed tree into the functions that are there. False: Python does not take it."""
    try:
        if mutant.where == "module":
            _set_constants(mutant, path)
        code = compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)
        for inner in _codes(code):
            for function in functions.get((str(path), inner.co_qualname, inner.co_firstlineno), ()):
                function.__code__ = inner
    except (SyntaxError, ValueError):
        return False
    return True


def _set_constants(mutant: Mutant, path: Path) -> None:
    statement: Any = mutant.statement
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    modules = [one for one in list(sys.modules.values()) if isinstance(getattr(one, "__file__", None), str)]
    home = next(one for one in modules if one.__file__ == str(path))
    told = ast.fix_missing_locations(ast.Expression(body=statement.value))
    value = eval(compile(told, str(path), "eval"), dict(vars(home)))  # noqa: S307 - a line of the law itself
    names, values = ([target], [value]) if isinstance(target, ast.Name) else (target.elts, value)
    for name, new in zip([one.id for one in names], values, strict=True):
        old = getattr(home, name)
        for module in modules:
            if vars(module).get(name) is old:
                setattr(module, name, new)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


def _tracer(inside: str, lines: _Lines) -> Any:
    def local(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def trace(frame: FrameType, _event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(inside):
            return None
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    return trace


def _bound(seconds: float) -> None:
    """So much processor time beyond what was used, and so much more memory."""
    used = int(time.process_time() + 2 * seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (used, used + 1))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    size = pages * resource.getpagesize() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _in_child(work: Callable[[], Any]) -> Any:
    """What a child of this process makes of it; None where it ends without a word."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL)
        gc.disable()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            answer = pickle.dumps(work())
            with os.fdopen(send, "wb") as out:
                out.write(answer)
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as told:
        answer = told.read()
    os.waitpid(child, 0)
    return pickle.loads(answer) if answer else None  # noqa: S301 - said by our own child
