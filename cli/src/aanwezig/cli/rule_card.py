"""How often each rule was kept and broken, and why first: a table at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aanwezig.cli.delivered import OF_THE_SENDER
from aanwezig.cli.nl_gov import RULES

_WHAT: Final[Mapping[str, str]] = {**OF_THE_SENDER, **{rule.id: rule.what for rule in RULES}}


@dataclass(slots=True)
class _Row:
    passed: int = 0
    failed: int = 0
    reason: str | None = None


class RuleCard:
    """Every rule, in the order in which they are told."""

    def __init__(self) -> None:
        self._rows = {name: _Row() for name in _WHAT}

    def take(self, verdicts: Mapping[str, str | None]) -> None:
        """Counts: by a rule's name why it was broken, None where it was kept."""
        for name, reason in verdicts.items():
            row = self._rows[name]
            if reason is None:
                row.passed += 1
            else:
                row.failed += 1
                row.reason = row.reason or reason

    @property
    def broken(self) -> list[str]:
        """The names of the rules that were broken."""
        return [name for name, row in self._rows.items() if row.failed]

    def lines(self) -> list[str]:
        """The table. A rule that had nothing to ask of anything has neither number."""
        width = max(len(name) for name in self._rows)
        lines = [f"{'rule':<{width}}  passed  failed"]
        for name, row in self._rows.items():
            line = f"{name:<{width}}  {row.passed or '-':>6}  {row.failed or '-':>6}"
            lines.append(
                f"{line}  {_WHAT[name]} First: {row.reason}" if row.failed else f"{line}  {_WHAT[name]}"
            )
        return lines

    def told(self) -> list[dict[str, Any]]:
        """The same for programs."""
        return [
            {
                "id": name,
                "what": _WHAT[name],
                "passed": row.passed,
                "failed": row.failed,
                "reason": row.reason,
            }
            for name, row in self._rows.items()
        ]
