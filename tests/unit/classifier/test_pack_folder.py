"""The operator's folder of packs: read again when a file changes; the last good pack stays, and the log says why."""

import asyncio

import pytest
import structlog
from pydantic import SecretStr, ValidationError

from aanwezig.classifier import pack_folder
from aanwezig.classifier.app import build
from aanwezig.classifier.pack_folder import PackFolder
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.law import shelf
from aanwezig.law.data_files import NoSuchRule, UnreadableRule

OWN = """id = "own"
version = "1"
base = "nl-2024"
municipality = "0637"
valid_from = 2024-08-01
valid_until = "open"
not_carried = []
[crossing]
threshold = "20"
[sources]
crossing = "the council of 2024"
"""
BROKEN = OWN.replace('"20"', "20")


@pytest.fixture
def own(tmp_path):
    return tmp_path / "own.toml"


def test_without_a_folder_there_are_the_shipped_packs():
    packs = PackFolder(None)
    assert packs.versions("nl-2024") == shelf.built_in().versions("nl-2024")
    assert packs.read() is False


def test_a_pack_of_the_folder_is_there_beside_the_shipped_ones(tmp_path, own):
    own.write_text(OWN)
    packs = PackFolder(tmp_path)
    assert packs.versions("own")[0].crossing.threshold == 20
    assert packs.versions("nl-2024") == shelf.built_in().versions("nl-2024")


def test_it_is_read_again_when_a_file_changes_and_only_then(tmp_path, own):
    packs = PackFolder(tmp_path)
    with pytest.raises(NoSuchRule):
        packs.versions("own")
    own.write_text(OWN)
    assert packs.read() is True
    assert packs.read() is False
    assert len(packs.versions("own")) == 1
    own.unlink()
    assert packs.read() is True
    with pytest.raises(NoSuchRule):
        packs.versions("own")


def test_the_last_good_pack_stays_and_the_log_says_why_once(tmp_path, own):
    own.write_text(OWN)
    packs = PackFolder(tmp_path)
    good = packs.versions("own")
    own.write_text(BROKEN)
    with structlog.testing.capture_logs() as logs:
        assert packs.read() is False
        (tmp_path / "other.toml").write_text("no toml")
        packs.read()
    assert packs.versions("own") == good
    refused = [(said["file"], said["line"]) for said in logs if said["event"] == "pack.refused"]
    assert refused == [(str(own), 9), (str(tmp_path / "other.toml"), 1)]
    assert "not an exact number" in next(said["reason"] for said in logs if said["event"] == "pack.refused")


def test_a_pack_that_never_was_good_is_refused(tmp_path, own):
    own.write_text(BROKEN)
    with pytest.raises(UnreadableRule, match=r"own\.toml:9: crossing\.threshold"):
        PackFolder(tmp_path).versions("own")


def test_what_is_no_pack_of_ours_is_passed_over(tmp_path):
    (tmp_path / ".own.toml").write_text("half written")
    (tmp_path / "own.toml.swp").write_text("half written")
    (tmp_path / "folder.toml").mkdir()
    with structlog.testing.capture_logs() as logs:
        assert PackFolder(tmp_path).read() is False
    assert logs == []


def test_a_folder_that_goes_away_takes_nothing_with_it(tmp_path):
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "own.toml").write_text(OWN)
    packs = PackFolder(folder)
    folder.rename(tmp_path / "elsewhere")
    with structlog.testing.capture_logs() as logs:
        assert (packs.read(), packs.read()) == (False, False)
    assert [said["event"] for said in logs] == ["pack.folder-away"]
    assert len(packs.versions("own")) == 1


async def test_the_watch_tells_of_every_change(tmp_path, own, monkeypatch):
    monkeypatch.setattr(pack_folder, "LOOK_AGAIN_SECONDS", 0.01)
    packs = PackFolder(tmp_path)
    changed = asyncio.Event()

    async def on_change():
        changed.set()

    watching = asyncio.create_task(packs.watch(on_change))
    own.write_text(OWN)
    await asyncio.wait_for(changed.wait(), 10)
    watching.cancel()
    assert len(packs.versions("own")) == 1


async def test_the_classifier_looks_in_the_folder_of_its_settings(tmp_path, own):
    own.write_text(OWN)
    key = SecretStr("0" * 64)
    settings = {
        "kafka": "127.0.0.1:9", "mongo": SecretStr("mongodb://127.0.0.1:9"), "port": 9, "chain_key": key, "health_key": key,
        "operator_key": key, "default_pack": "own",
    }  # fmt: skip
    service = build(ClassifierSettings(**settings, packs=tmp_path))
    await service.store.close()
    assert "packs" in [name for name, _ in service._loops]
    with pytest.raises(NoSuchRule, match="own"):
        build(ClassifierSettings(**settings))
    with pytest.raises(ValidationError, match="packs"):
        ClassifierSettings(**settings, packs=tmp_path / "nowhere")
