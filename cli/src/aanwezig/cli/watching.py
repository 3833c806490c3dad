"""`aanwezig send --watch`: every file that is put into a folder is sent, answered and put away (`filing`)."""

import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import click

from aanwezig.cli.asking import Doorway
from aanwezig.cli.delivering import Delivery, Sent, planned
from aanwezig.cli.excerpts import SUFFIXES, refused_rows
from aanwezig.cli.exits import AtFault, NeededIsAway
from aanwezig.cli.filing import DONE, REFUSED, Begun, Folder, Move, Signature, free_name, moment_of, settled
from aanwezig.cli.given import Given
from aanwezig.cli.mapping import mapping_told
from aanwezig.cli.sending import Door, RequestRefused
from aanwezig.cli.stopping import Stop, Stopped
from aanwezig.cli.tally import OUTCOMES, Receipts
from aanwezig.intake.readings import NotTaken
from aanwezig.intake.unpacking import Kind

_REST_SECONDS: Final = 30.0
_WE_ARE_NOT_LET_IN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class FolderFault(NeededIsAway):
    """The folder, or a file in it, cannot be read, written or moved."""


class Watch:
    """One folder, watched for one system. `every`: seconds between two looks; `recorded_at`: as of `send`."""

    def __init__(
        self, folder: Path, doorway: Doorway, *,
        recorded_at: str | None, language: str, batch: int, patience: float, every: float,
    ) -> None:  # fmt: skip
        self._folder = Folder(folder)
        self._open = (doorway, patience)
        self._recorded_at = recorded_at
        self._language = language
        self._batch = batch
        self._every = every
        self._told: dict[str, str] = {}
        self._resting: dict[str, float] = {}
        self._is_fine = True
        self._mapping: set[str] = set()

    def run(self) -> None:
        """Watches until Ctrl-C or SIGTERM. While the door is away files stay where they are and are tried again.

        Raises:
            AtFault: another command watches this folder, or the door does not know our key.
        """
        with self._watched() as (door, stop):
            click.echo(f"watching {self._folder.path}; Ctrl-C ends")
            before: dict[str, Signature] = {}
            away = False
            while True:
                try:
                    before = self._round(door, stop, before)
                    if away:
                        self._say("sending again")
                    away = False
                except NeededIsAway as needed:
                    if not away:
                        self._say(f"{needed.message} The files stay where they are; trying again.")
                    away = True
                time.sleep(self._every)

    def once(self) -> bool:
        """Sends what lies there and has stopped changing; whether nothing was refused and all of it could be read.

        Raises:
            AtFault: as `run`.
            NeededIsAway: the door is away; the files stay where they are.
        """
        with self._watched() as (door, stop):
            before = self._look()
            time.sleep(self._every)
            now = self._round(door, stop, before)
            for name in sorted(now.keys() - settled(before, now, time.time())):
                self._say(f"{click.format_filename(name)}: may still be written; left for the next time")
        return self._is_fine

    @contextmanager
    def _watched(self) -> Any:
        doorway, patience = self._open
        with ExitStack() as kept:
            stop = kept.enter_context(Stop())
            try:
                with (
                    self._writing(),
                    self._folder.watched(),
                    Door(doorway, away=patience, language=self._language, held=stop.held) as door,
                ):
                    yield door, stop
            except Stopped:
                self._say("ended; what was not put away is sent the next time")

    def _look(self) -> dict[str, Signature]:
        with self._writing():
            return self._folder.look()

    def _round(self, door: Door, stop: Stop, before: Mapping[str, Signature]) -> dict[str, Signature]:
        """Sends what has settled; gives what it saw before that."""
        with self._writing(), stop.held():
            self._folder.finish()
        now = self._look()
        clock = time.monotonic()
        names = [
            name for name in settled(before, now, time.time()) if self._resting.get(name, clock) <= clock
        ]
        plan = planned(Given(self._folder.path / name) for name in names)
        of_name = dict(zip(names, plan.sent.values(), strict=True))
        for name, sent in of_name.items():
            if sent.kind is not Kind.EDFI_XML:
                self._file(door, stop, {name: sent}, now)
        edfi = {name: sent for name, sent in of_name.items() if sent.kind is Kind.EDFI_XML}
        for group in self._groups(edfi, now):
            self._file(door, stop, group, now)
        return now

    def _groups(self, edfi: dict[str, Sent], now: Mapping[str, Signature]) -> Iterable[dict[str, Sent]]:
        """Ed-Fi files that are read together: those of a reading that was cut off, as they were then; then the others."""
        begun = self._folder.begun()
        if begun is not None and all(
            name in edfi and now[name] == signature for name, signature in begun.files.items()
        ):
            yield {name: edfi.pop(name) for name in begun.files}
        if edfi:
            yield edfi

    def _file(self, door: Door, stop: Stop, group: dict[str, Sent], now: Mapping[str, Signature]) -> None:
        """Sends files that belong together, and puts them away with their receipts."""
        clock = time.monotonic()
        try:
            with self._writing(), ExitStack() as kept:
                delivery = self._delivery(door, group, kept)
                self._send(delivery, group, now)
            with self._writing(), stop.held():
                self._put_away(group, now)
            self._tell_mapping(delivery)
        except RequestRefused as refused:
            if refused.status in _WE_ARE_NOT_LET_IN:
                raise
            self._rest(group, clock, refused.message)
        except (AtFault, FolderFault) as fault:
            self._rest(group, clock, fault.message)

    def _delivery(self, door: Door, group: Mapping[str, Sent], kept: ExitStack) -> Delivery:
        with self._writing():
            written = {
                sent.file: (name, kept.enter_context(Receipts(self._receipts(place))))
                for place, (name, sent) in enumerate(group.items())
            }

        def hear(file: Given, row: int | None, receipt: Mapping[str, Any]) -> None:
            name, receipts = written[file]
            with self._writing():
                receipts.take(click.format_filename(name), row, receipt)

        return Delivery(door, hear, language=self._language, batch=self._batch)

    def _send(self, delivery: Delivery, group: Mapping[str, Sent], now: Mapping[str, Signature]) -> None:
        sents = list(group.values())
        if sents[0].kind is None:
            delivery.refuse(sents[0])
        elif sents[0].kind is not Kind.EDFI_XML:
            delivery.send(sents[0], self._recorded_at)
        else:
            with self._writing():
                begun = self._folder.begun()
                files = {name: now[name] for name in group}
                if begun is None or begun.files != files:
                    begun = Begun(files, moment_of(files.values()))
                    self._folder.begin(begun)
            said = self._recorded_at
            delivery.send_edfi(sents, begun.time if said is None else datetime.fromisoformat(said.upper()))

    def _put_away(self, group: Mapping[str, Sent], now: Mapping[str, Signature]) -> None:
        moves: list[Move] = []
        told: list[str] = []
        for place, (name, sent) in enumerate(group.items()):
            shown = click.format_filename(name)
            is_now = self._folder.signature(name)
            if is_now is None:
                self._once(shown, "somebody took it away before it was put away")
            elif sent.failed is not None:
                self._once(shown, f"cannot be read: {sent.failed}; it stays where it is")
            elif is_now != now[name]:
                self._once(shown, "changed while it was sent; it is sent again")
            else:
                where = DONE if sent.whole is None else REFUSED
                taken = {Path(move.target).name for move in moves} | self._folder.taken(where)
                target = f"{where}/{free_name(name, taken)}"
                moves += self._moves(place, name, sent, target, now[name])
                told.append(f"{shown}: {self._became(sent)}; moved to {click.format_filename(target)}")
        if moves:
            self._folder.put_away(moves)
        for line in told:
            click.echo(line)

    def _moves(self, place: int, name: str, sent: Sent, target: str, signature: Signature) -> list[Move]:
        self._told.pop(click.format_filename(name), None)
        self._is_fine = self._is_fine and sent.whole is None and not sent.refused
        moves = [Move(self._within(self._receipts(place)), f"{target}.receipts.ndjson")]
        if sent.refused and sent.kind is not None:
            part = self._folder.scratch(f"refused-{place}")
            with part.open("wb") as out:
                out.writelines(refused_rows(sent.file, sent.kind, sent.refused))
            moves.append(Move(self._within(part), f"{target}.refused.{SUFFIXES[sent.kind]}"))
        return [*moves, Move(name, target, signature)]

    def _became(self, sent: Sent) -> str:
        if sent.whole is not None:
            return f"nothing of it was taken: {sent.whole.message(self._language)}"
        counts = ", ".join(f"{one} {sent.outcomes[one]}" for one in OUTCOMES)
        passed = ", ".join(f"{count} {kind}" for kind, count in sent.passed_over.items())
        return f"rows {sent.outcomes.total()}, {counts}" + (f", passed over {passed}" if passed else "")

    def _receipts(self, place: int) -> Path:
        return self._folder.scratch(f"receipts-{place}")

    def _within(self, path: Path) -> str:
        return str(path.relative_to(self._folder.path))

    def _rest(self, group: Iterable[str], since: float, why: str) -> None:
        self._is_fine = False
        for name in group:
            self._resting[name] = since + _REST_SECONDS
            self._once(click.format_filename(name), f"{why} It stays where it is and is tried again.")

    def _tell_mapping(self, delivery: Delivery) -> None:
        if delivery.unmapped and not self._mapping.issuperset(delivery.unmapped):
            self._mapping |= set(delivery.unmapped)
            for line in mapping_told(delivery.unmapped, delivery.system(), here=self._open[0].is_ours):
                self._say(line)

    def _once(self, shown: str, what: str) -> None:
        self._is_fine = False
        if self._told.get(shown) != what:
            self._told[shown] = what
            self._say(f"{shown}: {what}")

    def _say(self, line: str) -> None:
        click.echo(line, err=True)

    @contextmanager
    def _writing(self) -> Any:
        try:
            yield
        except (OSError, NotTaken) as wrong:
            why = wrong.strerror if isinstance(wrong, OSError) else "a file changed while it was put away"
            raise FolderFault(f"{self._folder.path} cannot be used: {why}.") from None
