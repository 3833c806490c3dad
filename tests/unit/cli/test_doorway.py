"""A school with only an address and a key: `send` and `quarantine` at a door elsewhere, without any home."""

import datetime as dt
import http.server
import ipaddress
import json
import ssl
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aanwezig.cli.asking import Doorway
from aanwezig.cli.main import main
from support.small_desk import a_row, a_small_desk
from support.small_door import a_home, a_small_door

KEY = "key-of-the-school"
AWAY = "http://127.0.0.1:9"
ELSEWHERE = "http://door.example.nl"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in; no home is at the place that is named for one."""
    monkeypatch.setenv("AANWEZIG_HOME", str(tmp_path / "home"))
    for name in ("AANWEZIG_DOOR", "AANWEZIG_DOOR_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "facts.ndjson").write_text('{"id": "1"}\n')
    (tmp_path / "key").write_text(f"{KEY}\n")
    return tmp_path


def send(place, *arguments, command=("send",), **env):
    words = [*command, *([str(place / "facts.ndjson")] if command == ("send",) else []), *arguments]
    return CliRunner().invoke(main, words, env=env)


@pytest.mark.parametrize("said", [KEY, f"{KEY}\r\n", f"\ufeffAuthorization: Bearer {KEY}\n"])
def test_a_file_is_sent_with_an_address_and_a_key_and_no_home_is_made(place, said):
    (place / "key").write_text(said, "utf-8")
    with a_small_door() as (door, address):
        done = send(place, "--door", f"{address}/", "--key-file", str(place / "key"))
    assert done.exit_code == 0, done.output
    assert door.keys == {f"Bearer {KEY}"}
    assert not (place / "home").exists()


def test_address_and_key_may_stand_in_the_environment_and_options_go_before_them(place):
    with a_small_door() as (door, address):
        by_both = {"AANWEZIG_DOOR": address, "AANWEZIG_DOOR_KEY": KEY}
        assert send(place, **by_both).exit_code == 0
        assert door.keys == {f"Bearer {KEY}"}
        (place / "other").write_text("another-key")
        other = ("--door", address, "--key-file", str(place / "other"))
        assert send(place, *other, **{**by_both, "AANWEZIG_DOOR": AWAY}).exit_code == 0
        assert door.keys == {f"Bearer {KEY}", "Bearer another-key"}
    assert not (place / "home").exists()


def test_a_folder_is_watched_for_a_door_elsewhere_too(place):
    (place / "inbox").mkdir()
    (place / "facts.ndjson").rename(place / "inbox" / "facts.ndjson")
    with a_small_door() as (door, address):
        done = send(
            place, "--watch", str(place / "inbox"), "--once", "--every", "0.05", command=("send", "--door", address),
            AANWEZIG_DOOR_KEY=KEY,
        )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (place / "inbox" / "done" / "facts.ndjson").exists()
    assert door.keys == {f"Bearer {KEY}"}
    assert not (place / "home").exists()


def test_every_command_for_refused_rows_goes_there(place):
    number = f"{1:032x}"
    corrected = place / "event.json"
    corrected.write_text(json.dumps({"id": "row-1", "good": True}))
    commands = [
        ["list"], ["counts"], ["show", number], ["resubmit", number], ["discard", f"{2:032x}", "--reason", "twice"],
        ["correct", number, str(corrected)],
    ]  # fmt: skip
    with a_small_desk() as (desk, address):
        desk.judge = lambda said: "accepted" if said.get("good") else "refused"
        desk.put(a_row(1), a_row(2))
        for words in commands:
            done = send(place, "--door", address, command=("quarantine", *words), AANWEZIG_DOOR_KEY=KEY)
            assert done.exit_code == (words[0] == "resubmit"), done.output
        assert desk.rows == {}
        assert desk.keys == {f"Bearer {KEY}"}
    assert not (place / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (["--door", AWAY], {}, "There is no key for this door"),
        (["--door", AWAY, "--as", "example"], {"AANWEZIG_DOOR_KEY": KEY}, "leave --as out"),
        (["--insecure"], {}, "but no door"),
        ([], {"AANWEZIG_DOOR_KEY": KEY}, "but no door"),
        (["--key-file", "key"], {}, "but no door"),
        (["--door", "door.example.nl"], {"AANWEZIG_DOOR_KEY": KEY}, "no address of a door"),
        (["--door", "ftp://door.example.nl"], {"AANWEZIG_DOOR_KEY": KEY}, "no address of a door"),
        (["--door", "https://door.example.nl:x"], {"AANWEZIG_DOOR_KEY": KEY}, "no address of a door"),
        (["--door", f"https://u:{KEY}@door.example.nl"], {"AANWEZIG_DOOR_KEY": KEY}, "no address of a door"),
        (["--door", f"https://door.example.nl?key={KEY}"], {"AANWEZIG_DOOR_KEY": KEY}, "no address of a door"),
        (["--door", AWAY], {"AANWEZIG_DOOR_KEY": "two words"}, "AANWEZIG_DOOR_KEY holds no key"),
        (["--door", AWAY, "--key-file", "facts.ndjson"], {}, "facts.ndjson holds no key"),
        (["--door", AWAY, "--key-file", "nowhere"], {}, "does not exist"),
        (["--door", ELSEWHERE], {"AANWEZIG_DOOR_KEY": KEY}, "door.example.nl over plain http"),
        (["--door", "http://192.0.2.7:18080"], {"AANWEZIG_DOOR_KEY": KEY}, "192.0.2.7 over plain http"),
        (["--door", "http://localhost.example.nl"], {"AANWEZIG_DOOR_KEY": KEY}, "over plain http"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [("send",), ("quarantine", "counts")])
def test_what_does_not_belong_together_is_wrong_usage_and_no_key_is_repeated(
    place, monkeypatch, command, arguments, env, said
):
    monkeypatch.chdir(place)
    done = send(place, *arguments, command=command, **env)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert KEY not in done.output
    assert not (place / "home").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.9.10", "[::1]"])
def test_a_host_of_this_machine_needs_no_https(place, host):
    done = send(place, "--door", f"http://{host}:9", "--patience", "0", AANWEZIG_DOOR_KEY=KEY)
    assert done.exit_code == 3
    assert "does not answer" in done.stderr
    assert "Check the address" in done.stderr
    assert "aanwezig up" not in done.stderr


def test_plain_http_elsewhere_goes_when_it_is_insisted(place):
    # A name under .invalid is nobody's (RFC 6761): it is asked for, and there is no answer.
    done = send(
        place, "--door", "http://door.invalid", "--insecure", "--patience", "0", AANWEZIG_DOOR_KEY=KEY
    )
    assert done.exit_code == 3
    assert "does not answer" in done.stderr


def test_without_an_address_it_is_the_stack_of_this_home(place):
    with a_small_door() as (door, address):
        a_home(address)
        assert send(place).exit_code == 0
    assert KEY not in str(door.keys)
    assert len(door.requests) == 1


def test_a_key_that_is_refused_is_told(place):
    with a_small_door() as (door, address):
        door.whole = 401
        done = send(place, "--door", address, AANWEZIG_DOOR_KEY=KEY)
    assert done.exit_code == 1
    assert "We do not know this key" in done.stderr
    assert KEY not in done.output


def test_a_doorway_does_not_show_its_key():
    assert KEY not in repr(Doorway("https://door.example.nl", KEY))


@contextmanager
def a_door_over_https(folder):
    """A door with a certificate of its own making; gives its address, the file of the certificate, and what it heard."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "door.pem", folder / "door.key"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    heard = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.headers["authorization"])
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"receipts": [{"id": "1", "outcome": "accepted", "errors": []}]}')

        def log_message(self, *_said):
            """A test says what it wants said."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # a client that hangs up is what is tested
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", public, heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_certificate_of_a_door_is_verified_and_the_key_goes_to_no_other(place, monkeypatch):
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with a_door_over_https(place) as (address, certificate, heard):
        refused = send(place, "--door", address, "--insecure", AANWEZIG_DOOR_KEY=KEY)
        assert refused.exit_code == 3
        assert "its certificate cannot be verified" in refused.stderr
        assert heard == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        done = send(place, "--door", address, AANWEZIG_DOOR_KEY=KEY)
        assert done.exit_code == 0, done.output
        assert heard == [f"Bearer {KEY}"]
