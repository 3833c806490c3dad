import pytest

from support.classifying import RecordingPublisher, Topic, a_store


@pytest.fixture
async def store(engines):
    """An empty database."""
    async with a_store(engines) as opened:
        yield opened


@pytest.fixture
def topic():
    """A topic of facts nothing was said on yet."""
    return Topic()


@pytest.fixture
def publisher():
    """Keeps what is said."""
    return RecordingPublisher()
