"""A folder that `aanwezig send --watch` looks into: what is put there, what lies there, and the command in this process."""

import json
import os

from click.testing import CliRunner

from aanwezig.cli.main import main

LOOKS = "0.05"
"""Seconds between two looks into the folder."""
EVENT = (
    "<{kind}><StudentUniqueId>{student}</StudentUniqueId><EventDate>2024-09-02</EventDate><AttendanceEventCategory>uri://x#Tardy"
    "</AttendanceEventCategory><SchoolId>{school}</SchoolId></{kind}>"
)


def watch(inbox, *more):
    return CliRunner().invoke(main, ["send", "--watch", str(inbox), "--every", LOOKS, "--once", *more])


def a_row(number, **more):
    return json.dumps({"id": f"{number}", **more})


def an_interchange(*events, kind="StudentSchoolAttendanceEvent", more=""):
    inner = "".join(EVENT.format(kind=kind, student=student, school=school) for student, school in events)
    return f'<?xml version="1.0"?>\n<InterchangeStudentAttendance x="1">{inner}{more}</InterchangeStudentAttendance>\n'


def put(inbox, name, content, *, changed=None):
    path = inbox / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if changed is not None:
        os.utime(path, (changed, changed))
    return path


def files(inbox):
    return sorted(
        str(path.relative_to(inbox))
        for path in inbox.rglob("*")
        if path.is_file() and not path.parent.name.startswith(".")
    )


def receipts(inbox, name):
    return [json.loads(line) for line in (inbox / f"{name}.receipts.ndjson").read_text().splitlines()]
