"""All rule packs that can be named, read from their files: bases filled in, validity checked, faults told.

A file is a version of a pack: `ID.toml` or `ID@VERSION.toml`. A file with a `base` says only what it overrides, and
for each of that its source. The versions of one pack follow each other without a gap and without an overlap.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Final

from aanwezig.law import data_files
from aanwezig.law.data_files import Document, Fault, NoSuchRule, UnreadableRule, dotted
from aanwezig.law.pack import Definition, Pack
from aanwezig.law.pack_checks import senseless, senseless_definition
from aanwezig.law.toml_lines import Path

OWN: Final = frozenset(
    {"id", "version", "base", "municipality", "valid_from", "valid_until", "not_carried", "sources"}
)
"""The fields a pack never has from its base."""
_ENDING: Final = ".toml"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Shelf:
    """Packs by name (that of the file, without ending); of each that is refused, what is wrong with it."""

    packs: Mapping[str, Pack] = field(default_factory=dict)
    refused: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with any file."""
        return tuple(sorted(fault for faults in self.refused.values() for fault in faults))

    def pack(self, name: str) -> Pack:
        """The pack of this name.

        Raises:
            NoSuchRule: there is none.
            UnreadableRule: there is a file of that name, and it is refused.
        """
        if name in self.packs:
            return self.packs[name]
        if name in self.refused:
            raise UnreadableRule(self.refused[name])
        raise NoSuchRule(f"{name}: not among {', '.join(sorted(self.packs))}")

    def versions(self, name: str) -> tuple[Pack, ...]:
        """All versions of a pack in order of validity; of a name with `@` just that one.

        Raises:
            NoSuchRule: there is none.
            UnreadableRule: there is a file of that name, and it is refused.
        """
        named = [pack for pack in self.packs.values() if pack.id == name]
        return tuple(sorted(named, key=attrgetter("valid_from"))) or (self.pack(name),)

    def version(self, pack_id: str, version: str) -> Pack:
        """The pack that a finding names.

        Raises:
            NoSuchRule: there is no such pack, or not this version of it.
        """
        for pack in self.packs.values():
            if (pack.id, pack.version) == (pack_id, version):
                return pack
        raise NoSuchRule(f"{pack_id} version {version}: not among {', '.join(sorted(self.packs))}")

    def names(self) -> tuple[str, ...]:
        """The names of the packs, in order."""
        return tuple(sorted(self.packs))


@dataclass(frozen=True)
class _Layers:
    """A file on top of its bases; `files` from the deepest base to the file itself."""

    files: tuple[Document, ...]

    @property
    def own(self) -> Document:
        return self.files[-1]

    @property
    def name(self) -> str:
        return name_of(self.own.file)

    def table(self) -> Mapping[str, Any]:
        """What all of them say, the upper before the lower."""
        merged: Mapping[str, Any] = {}
        for said in self.files:
            merged = _merged({key: value for key, value in merged.items() if key not in OWN}, said.table)
        return merged

    def fault(self, path: Path, what: str) -> Fault:
        """What is wrong with the value at this path, in the file that says it."""
        keys = path[: next((place for place, key in enumerate(path) if isinstance(key, int)), len(path))]
        from_here = path[0] in OWN if path else True
        saying = (said for said in reversed(self.files) if said.says(keys))
        said = self.own if from_here else next(saying, self.own)
        return said.fault(path, what if said is self.own else f"{what} (said by the base of {self.own.file})")


@lru_cache(maxsize=1)
def built_in() -> Shelf:
    """The packs that are shipped."""
    return shelved(built_in_files())


def built_in_files() -> dict[str, bytes]:
    """The files of the shipped packs, by the name a fault says: `packs/nl-2024.toml`."""
    folder = resources.files("aanwezig.law") / "data" / "packs"
    return {
        f"packs/{name}{_ENDING}": (folder / f"{name}{_ENDING}").read_bytes()
        for name in data_files.names("packs")
    }


def shelved(files: Mapping[str, bytes], *, before: Shelf | None = None) -> Shelf:
    """The packs of these files. Never fails: a pack that is refused is missing, and its faults are told.

    Args:
        files: the bytes of each file, by the name a fault shall say (`packs/nl-2024.toml`); of two that give one name
            the first stands.
        before: what was read last: of a pack of which any version is refused now, the versions read then stay. A version
            that says something else now is refused: findings name the version that made them.
    """
    documents: dict[str, Document] = {}
    refused: dict[str, tuple[Fault, ...]] = {}
    for file in files:
        name = name_of(file)
        if name in documents:
            # Known by its file, not its name: the first of that name stays.
            refused[file] = (Fault(file, 1, f"there is already a {documents[name].file}"),)
            continue
        try:
            documents[name] = data_files.document(files[file], file)
        except UnreadableRule as unreadable:
            refused[name] = unreadable.faults
    packs: dict[str, Pack] = {}
    for layers in _bases_first(documents, refused):
        try:
            packs[layers.name] = _pack(layers, refused)
            _unchanged(packs[layers.name], layers.own, before)
        except UnreadableRule as unreadable:
            refused[layers.name] = unreadable.faults
    for name, fault in list(_out_of_step(packs, documents)):
        refused[name] = (*refused.get(name, ()), fault)
    # The versions of a pack are one thing: where one is refused, none of those that were read now is used.
    wrong = {id_of(name) for name in refused}
    standing = {name: pack for name, pack in packs.items() if id_of(name) not in wrong}
    if before is not None:
        standing |= {name: pack for name, pack in before.packs.items() if id_of(name) in wrong}
    return Shelf(standing, refused)


@lru_cache(maxsize=64)
def definition(name: str) -> Definition:
    """The shipped definition of a home-sitter, named with or without `thuiszitter@`.

    Raises:
        NoSuchRule: there is none.
        UnreadableRule: its file is refused.
    """
    bare = name.removeprefix("thuiszitter@")
    said = data_files.shipped("definitions", bare)
    return read_definition(said, bare)


def read_definition(said: Document, name: str) -> Definition:
    """A document as the definition of this name.

    Raises:
        UnreadableRule: it is none, or makes no sense.
    """
    read = data_files.parsed(said, Definition)
    faults = [said.fault(path, what) for path, what in senseless_definition(read)]
    if read.name != f"thuiszitter@{name}":
        faults.append(said.fault(("name",), f"the file is named for thuiszitter@{name}"))
    if faults:
        raise UnreadableRule(faults)
    return read


def _bases_first(
    documents: Mapping[str, Document], refused: dict[str, tuple[Fault, ...]]
) -> Iterator[_Layers]:
    """Every file with its bases, a base before what stands on it; refuses those without a base to stand on."""
    found = []
    for name in documents:
        try:
            found.append(_layers(name, documents, refused))
        except UnreadableRule as unreadable:
            refused[name] = unreadable.faults
    yield from sorted(found, key=lambda layers: len(layers.files))


def _pack(layers: _Layers, refused: Collection[str]) -> Pack:
    own, name = layers.own, layers.name
    for base in map(name_of, (said.file for said in layers.files[:-1])):
        if base in refused:
            raise UnreadableRule([own.fault(("base",), f"{base} is refused itself")])
    pack = data_files.shaped(layers.table(), Pack, layers.fault)
    known = data_files.names("definitions")
    faults = [layers.fault(path, what) for path, what in senseless(pack, definitions=known)]
    faults += _unsourced(own)
    if name not in {pack.id, f"{pack.id}@{pack.version}"}:
        faults.append(own.fault(("id",), f"the file is named for {name}"))
    faults += _outliving(layers)
    if faults:
        raise UnreadableRule(faults)
    return pack


def _unchanged(pack: Pack, said: Document, before: Shelf | None) -> None:
    """That a version which was read before still finds the same. It may end, and its sources may be told better."""
    stood = {(one.id, one.version): one for one in (before or Shelf()).packs.values()}.get(
        (pack.id, pack.version)
    )
    if stood is None:
        return
    same = replace(pack, valid_until=stood.valid_until, sources=stood.sources, not_carried=stood.not_carried)
    if same != stood:
        what = f"version {pack.version} said something else before: what changes is a new version"
        raise UnreadableRule([said.fault(("version",), what)])


def _layers(name: str, documents: Mapping[str, Document], refused: Collection[str]) -> _Layers:
    own = documents[name]
    files = [own]
    seen = [name]
    while isinstance(base := files[-1].table.get("base"), str) and base != "none":
        if base in seen:
            way = " > ".join([*seen[seen.index(base) :], base])
            raise UnreadableRule([own.fault(("base",), f"in a circle: {way}")])
        if base not in documents:
            known = ", ".join(sorted(documents))
            what = "is refused itself" if base in refused else f"is no pack; known: {known}"
            raise UnreadableRule([files[-1].fault(("base",), f"{base} {what}")])
        seen.append(base)
        files.append(documents[base])
    return _Layers(tuple(reversed(files)))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(under, value) if both else value  # type: ignore[arg-type] # both are mappings
    return merged


def _unsourced(said: Document) -> Iterator[Fault]:
    """Values without a source, and sources without a value: `rules.md`, opening: a pack that overrides says so."""
    sources = said.table.get("sources", {})
    used: set[str] = set()
    for path in _values(said.table):
        if path[0] in OWN:
            continue
        around = [dotted(path[:length]) for length in range(len(path), 0, -1)]
        named = {name for name in around if name in sources}
        used |= named
        tables = (path[:length] for length in range(len(path) - 1, 0, -1))
        if not named and not any(said.says((*table, "article")) for table in tables):
            yield said.fault(path, f'no source: add "{dotted(path)}" to [sources], or an article beside it')
    for name in sources:
        if name not in used:
            yield said.fault(("sources", name), "the source of nothing that this file says")


def _values(table: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _values(value, (*at, key))
        else:
            yield (*at, key)


def _outliving(layers: _Layers) -> Iterator[Fault]:
    """A pack that is valid when its base is not."""
    own = layers.own
    for base in layers.files[:-1]:
        if own.table["valid_from"] < base.table["valid_from"]:
            yield own.fault(("valid_from",), f"before that of its base ({_place(base, 'valid_from')})")
        if _end(own.table["valid_until"]) > _end(base.table["valid_until"]):
            yield own.fault(("valid_until",), f"after that of its base ({_place(base, 'valid_until')})")


def _out_of_step(packs: Mapping[str, Pack], documents: Mapping[str, Document]) -> Iterator[tuple[str, Fault]]:
    """Where two neighbouring versions of a pack overlap or leave a gap, with both lines."""
    in_order = sorted(packs, key=lambda name: (packs[name].id, packs[name].valid_from))
    for _, names in groupby(in_order, key=lambda name: packs[name].id):
        for one, other in pairwise(names):
            until, since = packs[one].valid_until, packs[other].valid_from
            there = _place(documents[one], "valid_until")
            if until is None or since <= until:
                what = f"{since} overlaps the version until {until or 'open'} ({there})"
                yield other, documents[other].fault(("valid_from",), what)
            elif since != until + _DAY:
                what = f"{since} leaves a gap after the version until {until} ({there})"
                yield other, documents[other].fault(("valid_from",), what)


def _place(said: Document, key: str) -> str:
    return f"{said.file}:{said.line((key,))}"


def _end(said: Any) -> date:
    return said if isinstance(said, date) else date.max


def name_of(file: str) -> str:
    """The name of a pack, from that of its file."""
    return file.rpartition("/")[2].removesuffix(_ENDING)


def id_of(name: str) -> str:
    """The id of a pack, from its name: `nl-2024` of `nl-2024@2`."""
    return name.partition("@")[0]
