"""`aanwezig presence`: how present pupils were (`rules.md` 5): from files of facts, or as the running stack measured it."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final, cast

import click
import orjson

from aanwezig.cli.classify import take_files, without_collections
from aanwezig.cli.exits import AT_FAULT
from aanwezig.cli.following import Follower, Said
from aanwezig.cli.homes import Home
from aanwezig.cli.offline import Facts
from aanwezig.cli.pack_names import PACK
from aanwezig.cli.parameters import DATE, FILE, PERIOD
from aanwezig.cli.running import quietly
from aanwezig.contracts.presence import PresenceMeasured
from aanwezig.contracts.topics import KEPT_DAYS, PRESENCE
from aanwezig.law.measures import Measures, Side
from aanwezig.law.pack import Pack
from aanwezig.law.presence import Amounts, Groups, Place, told_of_groups, told_of_pupil

_SIDES: Final = ("school", "municipality", "month")


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=FILE)
@click.option("--pack", required=True, type=PACK, help="The rule pack; it says which cells are small.")
@click.option("--from", "first", type=DATE, help="First date of the period.")
@click.option("--until", "last", type=DATE, help="Last date of the period.")
@click.option("--as-of", type=DATE, help="Facts about later dates are not seen; without it the last date.")
@click.option(
    "--by", "sides", multiple=True, type=click.Choice([*_SIDES, "pupil"]),
    help="A row for each school, municipality, month or pupil, and for combinations; repeatable. Without it the region.",
)  # fmt: skip
@click.option(
    "--live", "period", metavar="PERIOD", type=PERIOD,
    help="In the place of files and dates: a month (2024-09) or a school year (2024-2025), as the running stack measured it.",
)  # fmt: skip
def presence(
    files: tuple[str, ...], pack: Pack, first: date | None, last: date | None, as_of: date | None,
    sides: tuple[str, ...], period: str | None,
) -> None:  # fmt: skip
    """Print attended and recorded minutes, the rate, and its coverage, as NDJSON.

    Rate and coverage have four digits. Coverage is null where a school does not tell its usual slots. A row with too few
    pupils, or too few days of a pupil, is `suppressed` and has no figures; where just one of a sum is, the next smallest
    is too. Refused rows go to stderr and make the exit code 1.
    """
    chosen = tuple(dict.fromkeys(sides))
    if period is not None:
        if files or first or last or as_of or "pupil" in chosen:
            raise click.UsageError("--live takes no files and no dates, and no pupil is told there.")
        _print(_table(_on_the_stack().groups(cast("tuple[Side, ...]", chosen), period), chosen, pack), chosen)
        return
    if not files or first is None or last is None:
        raise click.UsageError("Give FILE, --from and --until; or --live PERIOD.")
    if first > last:
        raise click.UsageError("--from lies after --until.")
    with without_collections():
        facts = Facts()
        refused = take_files(facts, files)
        measured = facts.presence(pack, first, last, as_of or last)
        _print(
            _of_pupils(measured, chosen, pack) if "pupil" in chosen else _of_groups(measured, chosen, pack),
            chosen,
        )
    if refused:
        sys.exit(AT_FAULT)


def measures_of(said: Iterable[Said]) -> Measures:
    """What stands of the measures among these events."""
    measures = Measures()
    for one in said:
        measures.take(PresenceMeasured.model_validate(one.event.data))
    return measures


def _on_the_stack() -> Measures:
    kafka = Home.found().reachable().kafka

    async def read() -> Measures:
        async with Follower(kafka, [PRESENCE]) as follower:
            said = await follower.catch_up()
            if await follower.forgot():
                click.echo(
                    f"What was measured more than {KEPT_DAYS} days ago and is the same since is not on the topic any more:"
                    " the sums may miss it.",
                    err=True,
                )
        return measures_of(said)

    with quietly():
        return asyncio.run(read())


def _print(rows: Iterable[dict[str, Any]], sides: tuple[str, ...]) -> None:
    for row in sorted(rows, key=lambda row: orjson.dumps([row.get(side) for side in sides])):
        sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def _of_groups(
    measured: Iterator[tuple[Any, dict[Place, Amounts]]], sides: tuple[str, ...], pack: Pack
) -> Iterator[dict[str, Any]]:
    groups = Groups(lambda place: tuple(getattr(place, side) for side in sides))
    for _, cells in measured:
        groups.add(cells)
    yield from _table(groups, sides, pack)


def _table(
    groups: Mapping[tuple[Any, ...], Amounts], sides: tuple[str, ...], pack: Pack
) -> Iterator[dict[str, Any]]:
    told = told_of_groups(groups, pack.presence)
    for key, amounts in groups.items():
        yield _row(dict(zip(sides, key, strict=True)), amounts, told=key in told)


def _of_pupils(
    measured: Iterator[tuple[Any, dict[Place, Amounts]]], sides: tuple[str, ...], pack: Pack
) -> Iterator[dict[str, Any]]:
    for ref, cells in measured:
        own = Groups(lambda place: tuple(getattr(place, side) for side in sides if side != "pupil"))
        own.add(cells)
        for key, amounts in own.items():
            rest = iter(key)
            names = {side: ref.as_given() if side == "pupil" else next(rest) for side in sides}
            yield _row(names, amounts, told=told_of_pupil(amounts, pack.presence))


def _row(names: dict[str, Any], amounts: Amounts, *, told: bool) -> dict[str, Any]:
    if not told:
        return {**names, "suppressed": True}
    return {
        **names,
        "suppressed": False,
        "pupils": amounts.pupils,
        "days": amounts.days,
        "attended_minutes": amounts.attended,
        "recorded_minutes": amounts.recorded,
        "rate": _four_digits(amounts.rate),
        "coverage": _four_digits(amounts.coverage),
    }


def _four_digits(share: Fraction | None) -> str | None:
    """A share with four digits, rounded half up."""
    if share is None:
        return None
    whole, rest = divmod((share * 20_000 + 1) // 2, 10_000)
    return f"{whole}.{rest:04d}"
