"""Whatever a sender calls a record, its receipt has an address."""

import pytest
from starlette.routing import Match, Route

from aanwezig.intake.addresses import ANYTHING

ROUTE = Route(f"/v1/receipts/{{id:{ANYTHING}}}", lambda _request: None)


@pytest.mark.parametrize("name", ["1", "a/b", "a\nb", "\n", "a\n", "é\x85\u2028", "", " ", "{id}"])
def test_any_text_can_be_the_last_part_of_an_address(name):
    scope = {"type": "http", "method": "GET", "path": f"/v1/receipts/{name}", "root_path": ""}
    match, found = ROUTE.matches(scope)
    assert match is Match.FULL
    assert found["path_params"] == {"id": name}


def test_another_address_is_not_meant():
    scope = {"type": "http", "method": "GET", "path": "/v1/receipt/1", "root_path": ""}
    assert ROUTE.matches(scope)[0] is Match.NONE
