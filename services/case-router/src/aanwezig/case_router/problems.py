"""The problems of the officers' door: those of every door with keys, its own, and the refusals of commands."""

from collections.abc import Mapping
from typing import Any, Final

from aanwezig.case_router.dossier import Handled
from aanwezig.case_router.refusing import REASONS, sentence_of, status_of
from aanwezig.chassis import problems
from aanwezig.chassis.languages import Language
from aanwezig.chassis.problems import GENERAL, Words, in_language


class Problem(problems.Problem):
    """A request that is answered with a problem; `code` is one of `PROBLEMS` or a reason why a command is refused."""

    def sentence(self, language: Language) -> str:
        """What is wrong and what to do."""
        if self.code in REASONS:
            return sentence_of(self.code, language)
        return in_language(PROBLEMS[self.code], language).format(detail=self.detail)


class Refused(Problem):
    """A command that was weighed and refused: reason, article, and the revision of the case then."""

    def __init__(self, became: Handled, command: str) -> None:
        reason = became.reason or ""
        super().__init__(status_of(reason), reason)
        self._became = became
        self._command = command

    def members(self, _language: Language) -> Mapping[str, Any]:
        """What was refused, and why."""
        became = self._became
        said = {
            "outcome": "refused", "command": self._command, "case": became.case, "reason": self.code,
            "article": became.article, "revision": became.revision or None,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}


PROBLEMS: Final[Mapping[str, Words]] = {
    **GENERAL,
    "another-name": (
        "In dit verzoek staat een andere naam dan die van uw sleutel. Laat de naam weg, of gebruik uw eigen naam.",
        "This request names another person than the owner of your key. Leave the name out, or use your own.",
    ),
    "no-idempotency-key": (
        "Geef dit verzoek een eigen id in de kop 'Idempotency-Key' (1 tot 200 tekens, zonder spaties), bijvoorbeeld een UUID. Wie hetzelfde verzoek opnieuw stuurt, stuurt hetzelfde id.",
        "Give this request an id of its own in the header 'Idempotency-Key' (1 to 200 characters, no spaces), a UUID for example. Whoever sends the same request again sends the same id.",
    ),
}
"""The sentence of each problem of the door in Dutch and English; `{detail}` is a number or a word of ours."""
