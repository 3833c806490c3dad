import os
import socket

import pytest

from aanwezig.local.failures import PortTakenError
from aanwezig.local.ports import ANY, HOST, PortBook, free_port, is_free, require_free


def test_a_port_in_use_is_reported_with_its_number_its_pid_and_its_command():
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(PortTakenError) as failure:
            require_free(port, "kafka, broker")

    message = str(failure.value)
    assert f"port {port} (kafka, broker)" in message
    assert f"pid {os.getpid()}: " in message
    assert "python" in message or "pytest" in message


def test_a_listener_on_all_addresses_counts_too():
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - that it listens everywhere is the point
        assert not is_free(server.getsockname()[1])


def test_a_freely_chosen_port_is_remembered_and_a_wanted_one_is_taken_as_it_is(tmp_path):
    file = tmp_path / "ports.json"
    chosen = PortBook(file).port("kafka", ANY)

    assert PortBook(file).port("kafka", ANY) == chosen
    assert PortBook(file).port("mongo", ANY) != chosen
    assert PortBook(file).port("kafka", 19092) == 19092


def test_a_remembered_port_is_given_up_to_a_stranger_but_not_to_ourselves(tmp_path):
    book = PortBook(tmp_path / "ports.json")
    chosen = book.port("kafka", ANY)

    with socket.create_server((HOST, chosen)):
        assert book.port("kafka", ANY, ours=True) == chosen
        assert book.port("kafka", ANY) != chosen


def test_free_ports_lie_below_those_of_outgoing_connections():
    assert all(free_port() < 32_768 for _ in range(20))
