import pytest

from aanwezig.local.pins import COORDINATES, Pin, kafka_pins


def test_every_line_of_the_lock_is_a_pin_and_no_two_share_a_file():
    pins = kafka_pins()

    assert len({pin.file_name for pin in pins}) == len(pins) > 40


def test_the_lock_holds_what_the_code_asks_for():
    locked = {f"{pin.group}:{pin.artifact}:{pin.version}" for pin in kafka_pins()}

    assert locked >= set(COORDINATES)


@pytest.mark.parametrize("line", ["a:b:1", "a:b 1234", f"a:b {'0' * 64}", f"a:b:1 {'0' * 63}"])
def test_a_line_that_pins_nothing_is_refused(line):
    with pytest.raises(ValueError):
        Pin.parsed(line)


def test_a_pin_reads_back_what_it_prints():
    pin = Pin("org.example", "thing", "1.0", "ab" * 32)

    assert Pin.parsed(str(pin)) == pin
    assert pin.file_name == "thing-1.0.jar"
