"""All settings together, frozen once they are checked."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from daemon.settings.connections import ConnectionConfig, ConnectionName, Kind
from daemon.settings.pairs import Pairs
from daemon.settings.parts import Http, Ledger, Log, Part, Timing
from daemon.settings.ranking import Ranker, Training
from routing.facts import Mapped
from routing.reading import did_you_mean, listed

PREFIX = "SIGNALBOX_"
DELIMITER = "__"


class Settings(Part):
    """What one installation is told. Made by `load_settings`, which finds every mistake."""

    rulebook: Annotated[Path, Field(description="the path of the rulebook's file")]
    roster: Annotated[Path, Field(description="the path of the roster's file")]
    route_from: Annotated[
        AwareDatetime,
        Field(description="a time; leads created before it are only routed on request"),
    ]
    ledger: Annotated[Ledger, Field(description="{url: sqlite:///signalbox.db}")]
    connections: Mapping[ConnectionName, ConnectionConfig] = Field(default_factory=dict)
    pairs: Pairs | None = None  #: None: two connections of different kinds are an unsynced pair
    timing: Timing = Timing()
    http: Http = Http()
    log: Log = Log()
    ranker: Ranker = Ranker()
    training: Training = Training()

    @field_validator("pairs")
    @classmethod
    def _known_connections(cls, pairs: Pairs | None, others: ValidationInfo) -> Pairs | None:
        known = others.data.get("connections")
        if pairs is None or known is None:
            return pairs
        first, second = pairs.connections
        if first == second:
            raise ValueError(f'names "{first[:60]}" twice; a pair is two connections.')
        for name in pairs.connections:
            if name not in known:
                hint = did_you_mean(name, known) or f" There is {listed(known, at_most=20)}."
                raise ValueError(f'names "{name[:60]}", which is no connection.{hint}')
        if pairs.assigner not in pairs.connections:
            raise ValueError(f"assigns must be one of the two: {first} or {second}.")
        return pairs

    def paired(self) -> Pairs | None:
        """Which connections know the same people; None where one of them is all there is."""
        if self.pairs is not None:
            return self.pairs
        told = self.connections
        names = sorted(told, key=lambda name: (told[name].kind is not Kind.SALESFORCE, name))
        kinds = {told[name].kind for name in names}
        if len(names) == len(kinds) == 2:
            return Pairs(connections=(names[0], names[1]))
        return None

    def routes_from(self, connection: str) -> datetime:
        """Records of this connection created before this are only routed on request."""
        return self.connections[connection].routes_from(self.route_from)

    def mapped(self) -> tuple[Mapped, ...]:
        """Which CRM fields facts are read from, in all connections, in one order."""
        found = {each for told in self.connections.values() for each in told.mapped()}
        return tuple(sorted(found, key=astuple))

    def polls_leads_every_s(self, connection: str) -> float:
        """How often this connection is asked for new leads, in seconds."""
        return self.connections[connection].poll.leads_s or self.timing.poll_s


class Environment(Settings, BaseSettings):
    """The same keys as environment variables; only their names are taken from here."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER)
