"""Agendas and digests on paper: HTML in Dutch for the screen and the printer, and PDF of the same HTML."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from typing import Any, Final, Never

from jinja2 import Environment, PackageLoader, StrictUndefined

from aanwezig.notifier import wording
from aanwezig.notifier.agenda import Agenda
from aanwezig.notifier.digest import Digest

_TEMPLATE: Final[Mapping[type, str]] = {Agenda: "agenda.html", Digest: "digest.html"}


def html_of(content: Agenda | Digest, on: date | None = None) -> str:
    """The page of an agenda or a digest. `on`: the day of the meeting it was made for; None: it is as it stands now."""
    return _pages().get_template(_TEMPLATE[type(content)]).render(it=content, on=on, **_names(content, on))


async def pdf_of(content: Agenda | Digest, on: date | None = None) -> bytes:
    """The same page as a tagged PDF on A4; one at a time, beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_press(), _printed, html_of(content, on))


@cache
def _press() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="press")


def _printed(page: str) -> bytes:
    from weasyprint import HTML  # type: ignore[import-untyped]  # noqa: PLC0415 - it loads font libraries: only who prints needs them

    made: bytes = HTML(string=page, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return made


def _nothing(url: str, **_options: Any) -> Never:
    """A page is whole in itself: whatever it would fetch is not fetched."""
    raise ValueError(f"nothing is fetched: {url[:20]}")


def _names(content: Agenda | Digest, on: date | None) -> dict[str, str]:
    place = "de regio" if content.municipality is None else f"gemeente {content.municipality}"
    if isinstance(content, Agenda):
        day = content.as_of if on is None else on
        kind = "Thuiszitterstafel: stand van nu" if on is None else "Agenda thuiszitterstafel"
        return {"place": place, "heading": kind, "title": f"{kind}, {place}, {wording.long_date(day)}"}
    kind = "Weekoverzicht ketenregisseur" if on is not None else "Ketenregisseur: stand van nu"
    return {"place": place, "heading": kind, "title": f"{kind}, {place}, {wording.long_date(content.until)}"}


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=PackageLoader("aanwezig.notifier", "templates"), autoescape=True, undefined=StrictUndefined,
        auto_reload=False, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    pages.filters |= {
        "long_date": wording.long_date, "short_date": wording.short_date, "step": wording.STEPS.__getitem__,
        "timer": wording.TIMERS.__getitem__, "blocker": wording.BLOCKERS.__getitem__, "why": wording.WHY_GONE.__getitem__,
        "bottleneck": wording.bottleneck,
    }  # fmt: skip
    return pages
