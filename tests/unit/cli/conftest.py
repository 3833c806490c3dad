import pytest

from support.small_door import a_home, a_small_door


@pytest.fixture
def intake():
    """A small door of intake in this process, at `address`."""
    with a_small_door() as (door, address):
        door.address = address
        yield door


@pytest.fixture
def home(tmp_path, monkeypatch, intake):
    """A home that knows the small door and a key for it."""
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "home"))
    return a_home(intake.address)


@pytest.fixture
def inbox(tmp_path, home):
    assert home
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder
