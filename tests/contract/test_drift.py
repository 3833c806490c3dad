"""What is generated is committed, and is what the code says."""

import pytest

from aanwezig.contracts import generate
from aanwezig.contracts.generate import ROOT, drifted, generated, main, write


def test_the_committed_files_are_what_the_code_says():
    assert drifted(ROOT) == []


def test_generating_twice_gives_the_same_bytes():
    first = generated()
    generate._json_files.cache_clear()
    assert generated() == first


@pytest.fixture
def checkout(tmp_path):
    write(tmp_path)
    return tmp_path


def test_writing_into_an_empty_checkout_leaves_nothing_drifted(checkout):
    assert main(["--check", "--root", str(checkout)]) == 0


@pytest.mark.parametrize(
    "path",
    [
        "docs/topics.md",
        "docs/refusals.md",
        "docs/asyncapi/chain.json",
        "shared/contracts/src/aanwezig/contracts/schemas/mark-recorded.json",
        "shared/contracts/src/aanwezig/contracts/schemas/submitted/mark-recorded.json",
        "shared/contracts/src/aanwezig/contracts/schemas/topics.json",
        "shared/contracts/src/aanwezig/contracts/examples/finding-raised.json",
        "shared/contracts/src/aanwezig/contracts/examples/refused/failing-eleven-test.json",
    ],
)
@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_file_that_drifted_is_named_and_refused_and_mended(checkout, capsys, path, harm):
    file = checkout / path
    if harm == "changed":
        file.write_bytes(file.read_bytes() + b" ")
    else:
        file.unlink()
    assert main(["--check", "--root", str(checkout)]) == 1
    assert capsys.readouterr().out == f"{path}\n"
    assert main(["--root", str(checkout)]) == 0
    assert drifted(checkout) == []


@pytest.mark.parametrize(
    "path",
    ["shared/contracts/src/aanwezig/contracts/schemas/mark-recorded.v0.json", "docs/asyncapi/police.json"],
)
def test_a_file_that_no_code_makes_is_refused_and_removed(checkout, capsys, path):
    stray = checkout / path
    stray.write_text("{}")
    assert main(["--check", "--root", str(checkout)]) == 1
    assert stray.name in capsys.readouterr().out
    write(checkout)
    assert not stray.exists()


def test_code_that_changed_is_seen_as_drift(checkout, monkeypatch):
    monkeypatch.setattr(generate, "topics_page", lambda: "# other topics\n")
    assert [str(path) for path in drifted(checkout)] == ["docs/topics.md"]
