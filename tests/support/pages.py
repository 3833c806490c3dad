"""Pages of commands: what is to be run, how it ends, and what it promises to print.

A block of commands (```sh) is one shell. The block of text (```text) behind it is promised: each of its lines appears, in
this order; `...` stands for anything, and process and port numbers are those of the machine. A sentence "the exit code is
1" (in Dutch: "de exitcode is 1") before the commands is a promise too.
"""

import re
from dataclasses import dataclass

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    """A block of commands, how it ends, and the lines it promises."""

    commands: str
    exit_code: int
    promised: list[str]

    @property
    def is_make(self):
        return all(line.startswith("make ") for line in self.commands.strip().splitlines())


def steps(text):
    """The blocks of commands of a page, in order."""
    found = []
    before = 0
    for block in BLOCK.finditer(text):
        kind, content = block[1], block[2]
        told = text[before : block.start()]
        before = block.end()
        if kind == "sh":
            code = re.search(r"exit ?code is\s+(\d)", told)
            found.append(Step(content, int(code[1]) if code else 0, []))
        elif kind == "text" and found and not re.search(r"^#", told, re.MULTILINE):
            found[-1].promised += content.splitlines()
    return found


def shape(line):
    """What a printed line must look like; `...` is anything, and so are pids and ports."""
    words = re.sub(r"\s+", " ", line.strip())
    words = re.sub(r"(?<=127\.0\.0\.1:)\d+", "#", words)
    return re.sub(r"\d+ \d+$", "# #", words) if " running " in words else words


def missing(promised, printed):
    """The first promised line that was not printed in its place; None when all were."""
    lines = iter([shape(line) for line in printed.splitlines()])
    for line in promised:
        if not line.strip():
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in shape(line).split("...")))
        if not any(pattern.fullmatch(printed_line) for printed_line in lines):
            return line
    return None
