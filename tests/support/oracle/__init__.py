"""
The rules once more, naively: an oracle to compare the law with.

Written from the text of the rules alone, with the standard library alone. Nothing here is clever: dates are
walked one by one, sums are taken anew at every mark. Where the text leaves room, the most literal reading was
taken and is marked with `reading:`.
"""

from support.oracle.answer import oracle

__all__ = ["oracle"]
