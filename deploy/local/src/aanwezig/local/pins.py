"""
The jars of Apache Kafka, each pinned to its sha256: `kafka.lock`, a line `group:artifact:version sha256` per jar.

`python -m aanwezig.local.pins > kafka.lock` computes the list anew from the coordinates below.
"""

import hashlib
import sys
import tempfile
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

KAFKA_VERSION = "4.1.0"
# Kafka names slf4j only as an interface; without a binding it would log nothing at all.
COORDINATES = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")


@dataclass(frozen=True, slots=True)
class Pin:
    """One jar: its Maven coordinates and the sha256 (hex) of its bytes."""

    group: str
    artifact: str
    version: str
    sha256: str

    @classmethod
    def parsed(cls, line: str) -> "Pin":
        """The pin of one line of the lock; raises `ValueError` for any other text."""
        coordinates, sha256 = line.split()
        group, artifact, version = coordinates.split(":")
        if len(sha256) != hashlib.sha256().digest_size * 2:
            raise ValueError(f"not a sha256: {line!r}")
        return cls(group, artifact, version, sha256)

    @property
    def file_name(self) -> str:
        """The jar's name on the shelf; no two pins share one."""
        return f"{self.artifact}-{self.version}.jar"

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version} {self.sha256}"


def kafka_pins() -> tuple[Pin, ...]:
    """The committed pins, in the order of the class path."""
    text = resources.files("aanwezig.local").joinpath("kafka.lock").read_text("utf-8")
    return tuple(Pin.parsed(line) for line in text.splitlines() if line and not line.startswith("#"))


def digest(path: Path) -> str:
    """The sha256 (hex) of a file's bytes; raises `OSError` where it cannot be read."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def resolved_pins(cache: Path) -> list[Pin]:
    """What Maven Central answers today for the coordinates and all they need; downloads into `cache`."""
    from jgo.maven import MavenContext  # noqa: PLC0415 - only whoever downloads needs it
    from jgo.parse import Coordinate  # noqa: PLC0415

    maven = MavenContext(repo_cache=cache)
    wanted = [
        maven.create_dependency(replace(Coordinate.parse(text), scope="compile")) for text in COORDINATES
    ]
    named, needed = maven.resolver.resolve(wanted)
    found = [each.artifact for each in (*named, *needed) if each.scope in {"compile", "runtime"}]
    return [Pin(jar.groupId, jar.artifactId, jar.version, digest(jar.resolve())) for jar in found]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        sys.stdout.write("".join(f"{pin}\n" for pin in resolved_pins(Path(directory))))
