"""`aanwezig send`: facts from files through intake's door, and a summary of the receipts (`contract.md` 5 and 6)."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from aanwezig.cli.asking import AWAY_SECONDS
from aanwezig.cli.delivering import Delivery, Plan, Sent, planned
from aanwezig.cli.doorway import Speaker, speaking
from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.given import Given
from aanwezig.cli.mapping import mapping_told
from aanwezig.cli.parameters import FILE, MOMENT
from aanwezig.cli.running import quietly
from aanwezig.cli.sending import BATCH_ROWS, Door
from aanwezig.cli.tally import Receipts, Tally
from aanwezig.cli.watching import Watch


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=FILE)
@speaking
@click.option(
    "--recorded-at",
    type=MOMENT,
    help="The `time` of rows that have none, such as 2024-09-02T16:00:00+02:00. Ed-Fi needs it: it has none.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 5_000),
    default=BATCH_ROWS,
    show_default=True,
    help="Rows in one request.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=AWAY_SECONDS,
    show_default=True,
    help="Seconds to go on knocking at a door that does not answer.",
)
@click.option(
    "--language",
    type=click.Choice(["nl", "en"]),
    default="nl",
    show_default=True,
    help="Of the sentences that say why something was refused.",
)
@click.option(
    "--receipts",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every receipt into this file: NDJSON, with file and row.",
)
@click.option(
    "--watch",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Instead of files: send what is put into this folder, as long as this command runs.",
)
@click.option("--once", is_flag=True, help="With --watch: send what lies there and end.")
@click.option(
    "--every",
    type=click.FloatRange(0.05),
    default=2.0,
    show_default=True,
    help="With --watch: seconds between two looks. A file that is the same in two looks is sent.",
)
def send(
    *,
    files: tuple[str, ...],
    speaker: Speaker,
    recorded_at: str | None,
    batch: int,
    patience: float,
    language: str,
    receipts: Path | None,
    folder: Path | None,
    once: bool,
    every: float,
) -> None:
    """Submit facts from files and print a receipt summary. A FILE of - is stdin.

    NDJSON of CloudEvents, a JSON array of them, CSV, Ed-Fi attendance XML, and each of them as gzip: a file is told by
    what is in it, not by its name. Ed-Fi files that belong together are named together.

    Exit code 1: a row or a file was refused; 3: the door cannot be reached. Sending a file again is harmless: what was
    accepted before is a duplicate.
    """
    if (folder is None) == (not files):
        raise click.UsageError("Name the files to send, or a folder to --watch; not both.")
    if folder is None and once:
        raise click.UsageError("--once belongs to --watch.")
    if folder is not None and receipts is not None:
        raise click.UsageError(
            "With --watch the receipts are beside each file that is done; leave --receipts out."
        )
    doorway = speaker.doorway()
    if folder is not None:
        watch = Watch(
            folder, doorway, recorded_at=recorded_at, language=language, batch=batch, patience=patience, every=every
        )  # fmt: skip
        with quietly():
            if not once:
                watch.run()
            elif not watch.once():
                sys.exit(AT_FAULT)
        return
    plan = planned(Given(file) for file in files)
    if plan.edfi and recorded_at is None:
        raise click.UsageError(
            f"{plan.edfi[0].shown} is Ed-Fi, which does not say when it was recorded. Say it: "
            "--recorded-at 2024-09-02T16:00:00+02:00. Nothing was sent."
        )
    with quietly(), Door(doorway, away=patience, language=language) as door:
        is_fine = _send(plan, door, recorded_at, language=language, batch=batch, receipts=receipts)
    if not is_fine:
        sys.exit(AT_FAULT)


def _send(
    plan: Plan, door: Door, recorded_at: str | None, *, language: str, batch: int, receipts: Path | None
) -> bool:
    tally = Tally()
    with ExitStack() as kept:
        written = None if receipts is None else kept.enter_context(_written(receipts))

        def hear(file: Given, row: int | None, receipt: Mapping[str, Any]) -> None:
            tally.take(file.shown, row, receipt)
            if written is not None:
                written.take(file.shown, row, receipt)

        delivery = Delivery(door, hear, language=language, batch=batch)
        try:
            for sent in plan.sent.values():
                if sent.kind is None:
                    delivery.refuse(sent)
            for group in plan.groups:
                if group is plan.edfi:
                    delivery.send_edfi([plan.sent[one] for one in group], _moment(recorded_at))
                else:
                    delivery.send(plan.sent[group[0]], recorded_at)
        finally:
            tally.show()
            for line in _told(plan.sent.values()):
                click.echo(line, err=True)
        if delivery.unmapped:
            for line in mapping_told(delivery.unmapped, delivery.system(), here=door.is_ours):
                click.echo(line, err=True)
    return tally.is_fine and not any(sent.failed for sent in plan.sent.values())


def _told(files: Iterable[Sent]) -> Iterator[str]:
    """What else is to be said of each file: what was passed over, and how far it was sent where that is not to its end."""
    for sent in files:
        passed = ", ".join(f"{count} {kind}" for kind, count in sent.passed_over.items())
        if passed:
            yield f"{sent.file.shown}: passed over, for it says nothing of attendance: {passed}"
        if sent.failed is None and sent.is_done:
            continue
        why = "" if sent.failed is None else f"cannot be read: {sent.failed}; "
        how_far = (
            f"sent up to row {sent.answered}, the rest was not" if sent.answered else "nothing of it was sent"
        )
        yield f"{sent.file.shown}: {why}{how_far}"


@contextmanager
def _written(path: Path) -> Iterator[Receipts]:
    try:
        with Receipts(path) as receipts:
            yield receipts
    except OSError as wrong:
        raise click.UsageError(
            f"{click.format_filename(path)} cannot be written: {wrong.strerror}."
        ) from None


def _moment(recorded_at: str | None) -> datetime:
    return datetime.fromisoformat((recorded_at or "").upper())
