"""`aanwezig partner subscriptions`: a recipient's webhook subscriptions, through the notifier's door and with its key."""

import json
from typing import Any, Final

import click

from aanwezig.cli.exits import AtFault
from aanwezig.cli.notices_door import Partner, by_a_partner, filtering
from aanwezig.cli.parameters import QUIET
from aanwezig.cli.since import SINCE
from aanwezig.contracts.messages import QuietHours

PATH: Final = "/v1/subscriptions"
_ID: Final = click.argument("subscription", metavar="ID")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="For programs: JSON.")


@click.group()
def subscriptions() -> None:
    """Your webhook subscriptions: what is pushed to you, and where to."""


@subscriptions.command("add")
@click.argument("address")
@filtering
@click.option(
    "--digest", type=click.Choice(["daily", "weekly"]), help="What is not urgent comes once a day, or a week."
)
@click.option(
    "--quiet", type=QUIET, help="Hours in which nothing comes that is not urgent: 18:00-08:00 (Amsterdam)."
)
@_JSON
@by_a_partner
def add(
    *, partner: Partner, address: str, wanted: dict[str, Any], digest: str | None, quiet: QuietHours | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Subscribe an address, which has to give us leave first. Prints the secret of its signatures, once."""
    said: dict[str, Any] = {"address": address, "filter": wanted}
    if digest is not None:
        said["digest"] = digest
    if quiet is not None:
        said["quiet"] = quiet.said()
    made = partner.says(PATH, said)
    if as_json:
        _json(made)
        return
    click.echo(f"subscription {made['id']} of {address} is {made['status']}")
    click.echo(f"its secret, shown this once: {made['secret']}")
    _tell_awaited(made)


@subscriptions.command("list")
@_JSON
@by_a_partner
def list_(*, partner: Partner, as_json: bool) -> None:
    """List them: id, status, address, what each hears."""
    found = partner.gets(PATH)["subscriptions"]
    for one in found:
        click.echo(json.dumps(one, ensure_ascii=False) if as_json else "\t".join(_cells(one)))
    if not found and not as_json:
        click.echo("there are none", err=True)


@subscriptions.command("test")
@_ID
@by_a_partner
def test(*, partner: Partner, subscription: str) -> None:
    """Have a test message sent to it, once. Exit code 1 where it is not taken."""
    tried = partner.says(f"{PATH}/{subscription}/test")
    if not tried["delivered"]:
        raise AtFault(f"the test message {tried['test']} was not taken: {tried['reason']}")
    click.echo(f"the test message {tried['test']} was taken")


@subscriptions.command("validate")
@_ID
@by_a_partner
def validate(*, partner: Partner, subscription: str) -> None:
    """Have its receiver asked again whether it wants our messages."""
    found = partner.says(f"{PATH}/{subscription}/validate")
    click.echo(f"subscription {subscription} is {found['status']}")
    _tell_awaited(found)


@subscriptions.command("pause")
@_ID
@by_a_partner
def pause(*, partner: Partner, subscription: str) -> None:
    """Let its notices wait."""
    partner.says(f"{PATH}/{subscription}/pause")
    click.echo(f"paused {subscription}; its notices wait")


@subscriptions.command("resume")
@_ID
@by_a_partner
def resume(*, partner: Partner, subscription: str) -> None:
    """Deliver again, what has waited first."""
    partner.says(f"{PATH}/{subscription}/resume")
    click.echo(f"resumed {subscription}")


@subscriptions.command("rotate")
@_ID
@by_a_partner
def rotate(*, partner: Partner, subscription: str) -> None:
    """Give it a new secret, shown once. The old one signs along for a day."""
    made = partner.says(f"{PATH}/{subscription}/rotate")
    click.echo(f"the new secret of {subscription}, shown this once: {made['secret']}")


@subscriptions.command("remove")
@_ID
@by_a_partner
def remove(*, partner: Partner, subscription: str) -> None:
    """End it. What has not been delivered is not delivered any more."""
    partner.removes(f"{PATH}/{subscription}")
    click.echo(f"removed {subscription}")


@subscriptions.command("preview")
@filtering
@click.option(
    "--since", type=SINCE, help="From this date (Amsterdam), or this moment on; without it the last 31 days."
)
@by_a_partner
def preview(*, partner: Partner, wanted: dict[str, Any], since: str | None) -> None:
    """Show what a filter would have sent last month, as JSON."""
    said = {"filter": wanted} | ({} if since is None else {"since": since})
    _json(partner.says(f"{PATH}/preview", said))


@subscriptions.command("deliveries")
@_ID
@click.option(
    "--since", type=SINCE, help="From this date (Amsterdam), or this moment on; without it the last 31 days."
)
@by_a_partner
def deliveries(*, partner: Partner, subscription: str, since: str | None) -> None:
    """Show what was delivered to it, attempt by attempt: a JSON object a notice."""
    asked = {"limit": "500"} | ({} if since is None else {"since": since})
    told: set[str] = set()
    while True:
        page = partner.gets(f"{PATH}/{subscription}/deliveries", **asked)
        # The last moment of a page is asked again: more than one notice may have it.
        fresh = [one for one in page["notices"] if one["id"] not in told]
        for one in fresh:
            told.add(one["id"])
            click.echo(json.dumps(one, ensure_ascii=False))
        if not page["more"] or not fresh:
            return
        asked["since"] = fresh[-1]["time"]


def _json(said: dict[str, Any]) -> None:
    click.echo(json.dumps(said, indent=2, ensure_ascii=False))


def _tell_awaited(one: dict[str, Any]) -> None:
    """That its receiver has not agreed yet, where that is so, and what to do."""
    awaited = one.get("validation")
    if awaited is not None:
        click.echo(
            f"the receiver at {awaited['address']} has not agreed yet ({awaited['reason']}); when it answers OPTIONS with "
            f"WebHook-Allowed-Origin: aanwezig partner subscriptions validate {one['id']}"
        )


def _cells(one: dict[str, Any]) -> list[str]:
    address = one["address"] or (one.get("validation") or {}).get("address")
    heard = [",".join(one["filter"][name]) or "-" for name in ("types", "tracks", "municipalities")]
    return [one["id"], one["status"], address or "-", *heard]
