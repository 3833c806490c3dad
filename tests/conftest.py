from collections.abc import Iterator

import pytest

from aanwezig import region
from support.engines import KINDS, SessionEngines, session_engines
from support.lived import Lived, live_through

PUPILS = 45


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=KINDS,
        default=None,
        help="where Kafka and MongoDB run: local processes (the default), containers, or addresses given by "
        "AANWEZIG_TEST_KAFKA and AANWEZIG_TEST_MONGO (the default where both are set)",
    )
    parser.addoption("--kills", type=int, default=2, help="how often the fault suite kills each service")


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[SessionEngines]:
    """A real Kafka and a real MongoDB, started once for the whole session."""
    with session_engines(request.config.getoption("--engines")) as running:
        yield running


@pytest.fixture(scope="session")
def the_region() -> region.Region:
    """A small region; every test that uses it sees the same year."""
    return region.build(seed=7, pupils=PUPILS)


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory, the_region: region.Region) -> Lived:
    """The region's year on the real road, without any trouble."""
    return live_through(tmp_path_factory.mktemp("lived"), the_region)
