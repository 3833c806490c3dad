import pytest

from support.bench import Bench


@pytest.fixture
async def bench(engines):
    """A topic, a store and a publisher of one test."""
    async with Bench(engines) as bench:
        yield bench
