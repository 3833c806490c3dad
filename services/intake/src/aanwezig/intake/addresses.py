"""A part of an address that may be any text: ids are their senders' own, and Starlette's `path` ends at a line break."""

from typing import Final

from starlette.convertors import Convertor, register_url_convertor

ANYTHING: Final = "anything"
"""The name to write behind a parameter of a path: `/v1/receipts/{id:anything}`."""


class _Anything(Convertor[str]):
    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor(ANYTHING, _Anything())
