from collections.abc import Iterator

import pytest

from support.engines import KINDS, SessionEngines, session_engines


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=KINDS,
        default=None,
        help="where Kafka and MongoDB run: local processes (the default), containers, or addresses given by "
        "AANWEZIG_TEST_KAFKA and AANWEZIG_TEST_MONGO (the default where both are set)",
    )


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[SessionEngines]:
    """A real Kafka and a real MongoDB, started once for the whole session."""
    with session_engines(request.config.getoption("--engines")) as running:
        yield running
