"""`aanwezig partner`: what the maker of a partner's system needs to try out how notices are heard."""

import click

from aanwezig.cli.notices_door import Partner, by_a_partner
from aanwezig.cli.simulate import simulate
from aanwezig.cli.since import SINCE
from aanwezig.cli.subscriptions import PATH, subscriptions


@click.group()
def partner() -> None:
    """For partners: a receiver to try, your subscriptions, and what was said before, once more."""


@partner.command("replay")
@click.option("--since", required=True, type=SINCE, help="From this date (Amsterdam), or this moment on.")
@click.option(
    "--subscription", "chosen", metavar="ID", help="Of this one alone; without it, of all of yours."
)
@by_a_partner
def replay(*, partner: Partner, since: str, chosen: str | None) -> None:
    """Have notices delivered once more. Each has the webhook-id it had: whoever knows it has it already."""
    ids = [chosen] if chosen is not None else _own(partner)
    for one in ids:
        told = partner.says(f"{PATH}/{one}/redeliver", {"since": since})
        click.echo(f"{one}\t{told['notices']} notices since {since} are delivered once more")
    if not ids:
        click.echo("there are no subscriptions", err=True)


def _own(partner: Partner) -> list[str]:
    """The ids of all subscriptions of who asks, but those whose receiver never agreed: nothing was said to them."""
    found = partner.gets(PATH)["subscriptions"]
    return [one["id"] for one in found if one["status"] != "pending"]


partner.add_command(simulate)
partner.add_command(subscriptions)
