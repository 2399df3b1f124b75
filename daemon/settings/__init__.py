"""What an installation is told: one YAML file and the environment, checked before anything runs.

    settings = load_settings(Path("signalbox.yaml"))
    settings.connections["acme"].mode
    settings.ledger.address()          # SecretStr, with the password put in

`SIGNALBOX_CONNECTIONS__ACME__MODE=live` overrides `connections: {acme: {mode: ...}}`. Secrets are
named, never written: `client_secret_env: SF_CLIENT_SECRET` or `client_secret_file: /run/sf`.
"""

from daemon.settings.connections import (
    ConnectionConfig,
    Kind,
    Mode,
    Poll,
    QueueTarget,
    RoutedObject,
)
from daemon.settings.model import Settings
from daemon.settings.pairs import Pairs
from daemon.settings.parts import Http, Ledger, Log, LogFormat, LogLevel, Timing
from daemon.settings.ranking import Drift, Floors, Promote, Ranker, Training
from daemon.settings.reading import SettingsMistakes, load_settings
from daemon.settings.secrets import SecretMissing, SecretSource
from daemon.settings.sign_ins import ClientCredentials, Jwt, OAuth, ServiceKey, Token

__all__ = [
    "ClientCredentials",
    "ConnectionConfig",
    "Drift",
    "Floors",
    "Http",
    "Jwt",
    "Kind",
    "Ledger",
    "Log",
    "LogFormat",
    "LogLevel",
    "Mode",
    "OAuth",
    "Pairs",
    "Poll",
    "Promote",
    "QueueTarget",
    "Ranker",
    "RoutedObject",
    "SecretMissing",
    "SecretSource",
    "ServiceKey",
    "Settings",
    "SettingsMistakes",
    "Timing",
    "Token",
    "Training",
    "load_settings",
]
