"""Which rule pack governs whom, from the register (`school.register.v1`)."""

from datetime import date

from pydantic import ValidationError

from aanwezig.chassis import logs
from aanwezig.contracts.envelope import Event
from aanwezig.contracts.messages import MunicipalityRegistered, SchoolRegistered
from aanwezig.law import packs
from aanwezig.law.data_files import NoSuchRule
from aanwezig.law.packs import ByMunicipality, Governance, Pack

_log = logs.get(__name__)


class Register:
    """Municipalities with their packs, schools with their municipality, as registered now."""

    def __init__(self, default_pack: str) -> None:
        self._default = packs.load(default_pack)
        self._municipalities: dict[str, MunicipalityRegistered] = {}
        self._schools: dict[str, str | None] = {}
        self.governance: Governance = ByMunicipality(self._default, {}, {})

    async def on_change(self, key: str, event: Event | None) -> None:
        """Takes in one record of the register; None for what was removed."""
        kind, _, name = key.partition("/")
        try:
            if kind == "school" and event is not None:
                self._schools[name] = SchoolRegistered.model_validate(event.data).municipality
            elif kind == "municipality" and event is not None:
                self._municipalities[name] = MunicipalityRegistered.model_validate(event.data)
        except ValidationError:
            _log.error("register.refused", what=kind)
            return
        if event is None and kind == "school":
            self._schools.pop(name, None)
        if event is None and kind == "municipality":
            self._municipalities.pop(name, None)
        self.governance = ByMunicipality(self._default, self._chosen(), self._schools)

    def _chosen(self) -> dict[str, list[tuple[date, Pack]]]:
        chosen: dict[str, list[tuple[date, Pack]]] = {}
        for code, municipality in self._municipalities.items():
            rows: list[tuple[date, Pack]] = []
            for choice in municipality.packs:
                try:
                    rows.append((choice.from_, packs.load(choice.pack)))
                except NoSuchRule:
                    _log.error("pack.unknown", municipality=code)
            chosen[code] = rows
        return chosen
