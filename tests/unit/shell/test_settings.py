"""One file and the environment, checked whole."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from daemon.settings import Mode, SettingsMistakes, load_settings
from routing.facts import Mapped

GOOD = """
rulebook: rulebook.yaml
roster: roster.yaml
route_from: 2026-03-01T00:00:00Z
ledger: {url: sqlite:///box.db}
connections:
  acme:
    kind: salesforce
    mode: shadow
    base_url: https://acme.my.salesforce.com/
    auth: {type: client_credentials, client_id: app, client_secret_env: SF_SECRET}
    facts: {country: [sf.lead.CountryCode, sf.contact.MailingCountryCode], score: sf.lead.Score__c}
    objects: {sf.lead: OwnerId, sf.contact: {owner: SDR__c, stage: Stage__c}}
    written: {decision: sf.lead.Routing_Decision__c}
    queues: {triage: Inbound_Triage, overflow: {owner: mona}, lost: unowned}
    placeholders: {marketo-sync: 005000000000001AAA}
"""


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_SECRET", "hunter2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rulebook.yaml").write_text("rulebook: x")
    (tmp_path / "roster.yaml").write_text("people: []")
    return tmp_path


def settings_of(folder: Path, text: str = GOOD):
    path = folder / "signalbox.yaml"
    path.write_text(text)
    return load_settings(path)


def mistakes_of(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsMistakes) as caught:
        settings_of(folder, text)
    return caught.value.mistakes


def test_a_good_file_gives_frozen_settings_with_defaults(folder: Path):
    settings = settings_of(folder)

    assert settings.connections["acme"].mode is Mode.SHADOW
    assert settings.connections["acme"].base_url == "https://acme.my.salesforce.com"
    assert settings.routes_from("acme") == datetime(2026, 3, 1, tzinfo=UTC)
    assert (settings.http.host, settings.timing.drain_s) == ("127.0.0.1", 25)
    assert settings.polls_leads_every_s("acme") == settings.timing.poll_s
    with pytest.raises(ValidationError):
        settings.timing.poll_s = 9


def test_paths_in_the_file_are_relative_to_the_file(folder: Path):
    settings = settings_of(folder)

    assert settings.rulebook == folder / "rulebook.yaml"
    assert settings.ledger.file == folder / "box.db"


def test_fields_are_mapped_once_per_fact_and_object(folder: Path):
    connection = settings_of(folder).connections["acme"]

    assert connection.mapped() == (
        Mapped("country", "sf.lead", "CountryCode"),
        Mapped("country", "sf.contact", "MailingCountryCode"),
        Mapped("score", "sf.lead", "Score__c"),
    )
    assert connection.mapped_back() == (Mapped("decision", "sf.lead", "Routing_Decision__c"),)
    assert connection.objects["sf.lead"].owner == "OwnerId"


def test_a_queue_is_mapped_to_a_queue_an_owner_or_nobody(folder: Path):
    queues = settings_of(folder).connections["acme"].queues

    assert queues["triage"].queue == "Inbound_Triage"
    assert queues["overflow"].owner == "mona"
    assert queues["lost"].unowned


def test_what_no_queue_can_hold_may_go_to_an_owner(folder: Path):
    told = "stage: Stage__c, queues: {triage: {owner: mona}}"
    acme = settings_of(folder, GOOD.replace("stage: Stage__c", told)).connections["acme"]
    contacts, leads = (acme.queue_target("triage", each) for each in ("sf.contact", "sf.lead"))

    assert contacts is not None
    assert contacts.owner == "mona"
    assert leads is not None
    assert leads.queue == "Inbound_Triage"


def test_the_environment_overrides_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SIGNALBOX_CONNECTIONS__ACME__MODE", "live")
    monkeypatch.setenv("SIGNALBOX_LEDGER__URL", "postgresql+psycopg://box:hunter2@db/box")

    settings = settings_of(folder)

    assert settings.connections["acme"].mode is Mode.LIVE
    assert settings.ledger.file is None


def test_words_that_yaml_would_misread_stay_as_written(folder: Path):
    text = GOOD.replace("marketo-sync: 005000000000001AAA", "NO: 0050000000000010")

    settings = settings_of(folder, text.replace("NO:", '"NO":'))

    assert settings.connections["acme"].placeholders == {"NO": "0050000000000010"}


def test_every_mistake_is_reported_at_once_in_file_order(folder: Path):
    text = GOOD.replace("roster:", "rooster:").replace("shadow", "lve")

    found = mistakes_of(folder, text + "http: {host: 0.0.0.0, port: abc}\n")

    at = [line.removeprefix(str(folder / "signalbox.yaml:")) for line in found]
    assert at[:3] == [
        "1:1: roster is missing. Write roster: the path of the roster's file.",
        '3:1: rooster is not a setting. Did you mean "roster"?',
        '9:5: connections.acme.mode is "lve"; it is one of off, shadow, live. Did you mean "live"?',
    ]
    assert at[3].startswith('17:8: http.host is "0.0.0.0", which other machines can reach')
    assert at[4:] == ['17:23: http.port is "abc"; it must be a whole number.']


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("2026-03-01T00:00:00Z", "2026-03-01T00:00:00", "Add Z", id="naive time"),
        pytest.param("sqlite:///box.db", "sqlite://", "forgets", id="ledger in memory"),
        pytest.param(
            "sqlite:///box.db", "'sqlite:///:memory:'", "forgets", id="in memory, said so"
        ),
        pytest.param("sqlite:///box.db", "mysql://db/x", "Write sqlite", id="foreign database"),
        pytest.param("https://acme", "http://acme", "plain http", id="http to another machine"),
        pytest.param("sf.lead.Score__c", "Score__c", "OBJECT.FIELD", id="field without object"),
        pytest.param("decision: sf", "decison: sf", "cannot write", id="unknown thing to write"),
        pytest.param("{owner: mona}", "{owner: a, queue: b}", "exactly one", id="two targets"),
        pytest.param("client_secret_env: SF_SECRET", "type: jwt", "twice", id="duplicate key"),
        pytest.param("type: client_credentials", "type: password", "type, one of", id="sign-in"),
        pytest.param("rulebook.yaml", "rules.yaml", "There is no file", id="missing file"),
        pytest.param("acme:", "Acme-EU:", "small letters", id="name of a connection"),
        pytest.param("SDR__c", "S D R", "API name", id="field with spaces"),
        pytest.param("sf.contact: {owner", "sf.kontact: {owner", "sf.contact", id="object"),
        pytest.param("kind: salesforce", "kind: hubspt", "one of salesforce", id="kind"),
        pytest.param("kind: salesforce", "kind: hubspot", "no object of hubspot", id="other CRM"),
        pytest.param("SF_SECRET", "SF_OTHER", "SF_OTHER is not set", id="secret not set"),
        pytest.param(", client_secret_env: SF_SECRET", "", "exactly one of", id="no secret"),
        pytest.param("ledger: {", "ledger: [", "not valid YAML", id="not YAML"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(folder: Path, old: str, new: str, said: str):
    found = mistakes_of(folder, GOOD.replace(old, new, 1))

    assert any(said in mistake for mistake in found), found


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path):
    with pytest.raises(SettingsMistakes, match="signalbox init"):
        load_settings(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("client_secret: {}", id="under its own key"),
        pytest.param("client_secret_env: {}", id="where its name belongs"),
        pytest.param("client_id: 00D000000000001!{}", id="a token by its looks"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(folder: Path, line: str):
    secret = "3c1f00d5deadbeef"
    text = GOOD.replace("client_secret_env: SF_SECRET", line.format(secret))
    text = text.replace("client_id: app, ", "") if "client_id: 00D" in line else text

    found = "\n".join(mistakes_of(folder, text))

    assert "secret" in found
    assert secret not in found


def test_a_password_in_the_ledgers_address_is_refused_in_the_file_only(folder: Path):
    text = GOOD.replace("sqlite:///box.db", '"postgresql+psycopg://box:hunter2@db/box"')

    found = "\n".join(mistakes_of(folder, text))

    assert "ledger.url holds a secret" in found
    assert "hunter2" not in found


def test_a_ledgers_password_is_put_into_its_address(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PG_PASSWORD", "p@ss/word")
    ledger = '"postgresql+psycopg://box@db:5433/box", password_env: PG_PASSWORD'

    address = settings_of(folder, GOOD.replace("sqlite:///box.db", ledger)).ledger.address()

    assert address == SecretStr("postgresql+psycopg://box:p%40ss%2Fword@db:5433/box")


def test_a_secret_file_that_others_can_read_is_refused(folder: Path):
    secret = folder / "sf"
    secret.write_text("hunter2\n")
    secret.chmod(0o640)

    found = mistakes_of(folder, GOOD.replace("_env: SF_SECRET", "_file: sf"))

    assert "mode 0640" in found[0]
    assert "chmod 600" in found[0]


def test_a_private_secret_file_is_read_anew_each_time(folder: Path):
    secret = folder / "sf"
    secret.touch(mode=0o600)
    secret.write_text("hunter2\n")
    auth = (
        settings_of(folder, GOOD.replace("_env: SF_SECRET", "_file: sf")).connections["acme"].auth
    )

    before = auth.client_secret()
    secret.write_text("renewed\n")

    assert before == SecretStr("hunter2")
    assert auth.client_secret() == SecretStr("renewed")


def test_the_environment_may_name_the_file_of_a_secret(folder: Path, monkeypatch):
    secret = folder / "sf"
    secret.touch(mode=0o600)
    secret.write_text("from a file")
    monkeypatch.delenv("SF_SECRET")
    monkeypatch.setenv("SF_SECRET_FILE", str(secret))

    auth = settings_of(folder).connections["acme"].auth

    assert auth.client_secret() == SecretStr("from a file")


def test_a_connection_that_is_off_needs_no_secret(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SF_SECRET")

    assert settings_of(folder, GOOD.replace("shadow", "off")).connections["acme"].mode is Mode.OFF


def test_settings_never_show_a_secret(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SIGNALBOX_LEDGER__URL", "postgresql+psycopg://box:hunter2@db/box")

    settings = settings_of(folder)

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        pytest.param("SIGNALBOX_RUELBOOK", 'Did you mean "rulebook"?', id="nearly a setting"),
        pytest.param("SIGNALBOX_NOSUCH", "Known here: rulebook, roster", id="nothing like it"),
    ],
)
def test_a_variable_with_our_prefix_that_is_no_setting_is_a_mistake(
    folder: Path, monkeypatch, name, advice
):
    monkeypatch.setenv(name, "1")

    (mistake,) = mistakes_of(folder, GOOD)

    assert mistake.startswith(f"environment {name} is not a setting. {advice}")


@pytest.mark.parametrize(
    "name",
    [
        "SIGNALBOX_SETTINGS",
        "SIGNALBOX_CONFIG",
        "SIGNALBOX_DEBUG",
        "SIGNALBOX_TEST_POSTGRES_URL",
        "SIGNALBOX_ACME_SECRET",
        "SIGNALBOX_ACME_SECRET_FILE",
        "SIGNALBOX_SERVICE_HOST",
        "SIGNALBOX_PORT_8080_TCP_ADDR",
    ],
)
def test_a_variable_that_is_ours_by_other_means_is_no_mistake(folder: Path, monkeypatch, name):
    monkeypatch.setenv(name, "x")
    unused = """
  spare:
    kind: salesforce
    mode: "off"
    base_url: https://spare.example
    auth: {type: token, access_token_env: SIGNALBOX_ACME_SECRET}
"""

    settings = settings_of(folder, GOOD.rstrip() + unused)

    assert settings.connections.keys() == {"acme", "spare"}


def test_a_mistake_in_the_environment_names_its_variable(folder: Path, monkeypatch):
    monkeypatch.setenv("SIGNALBOX_TIMING__POLL_S", "soon")
    monkeypatch.setenv("SIGNALBOX_LEGER__URL", "sqlite:///x")

    assert mistakes_of(folder, GOOD) == (
        'environment SIGNALBOX_LEGER__URL is not a setting. Did you mean "ledger"?',
        'environment SIGNALBOX_TIMING__POLL_S is "soon"; it must be a number.',
    )


def test_a_connection_may_take_hints(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAKE", "shared")
    wake = settings_of(folder, f"{GOOD}    wake: {{secret_env: WAKE}}\n").connections["acme"].wake

    assert wake is not None
    assert wake.secret() == SecretStr("shared")


@pytest.mark.parametrize(
    ("wake", "said"),
    [
        pytest.param("{}", "needs exactly one of secret_env and secret_file", id="no secret"),
        pytest.param("{secret_env: NOWHERE}", "NOWHERE is not set", id="not there"),
        pytest.param("{secret: hunter2}", "secret", id="written into the file"),
        pytest.param("{secret_env: SF_SECRET, public_url: box.test}", "https://HOST", id="no URL"),
    ],
)
def test_hints_that_cannot_be_verified_are_a_mistake(folder: Path, wake: str, said: str):
    mistakes = mistakes_of(folder, f"{GOOD}    wake: {wake}\n")

    assert said in " ".join(mistakes)
    assert "hunter2" not in " ".join(mistakes)


def test_the_ranker_explores_and_holds_out_a_twentieth_each_unless_told_otherwise(folder: Path):
    settings = settings_of(folder)

    assert (settings.ranker.exploration_ppm, settings.ranker.holdout_ppm) == (50_000, 50_000)
    assert settings.ranker.salt() is None
    assert (settings.training.horizon_d, settings.training.promote) == (90, "automatically")


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        pytest.param(
            "ranker: {exploration: 0.4, holdout: 0.4}", "more than half of all leads", id="chance"
        ),
        pytest.param("ranker: {salt: pepper}", "holds a secret", id="a salt in the file"),
        pytest.param(
            "ranker: {salt_env: NO_SUCH_SALT}", "NO_SUCH_SALT is not set", id="a salt nobody set"
        ),
        pytest.param("training: {schedule: daily}", "minute, hour, day", id="no calendar"),
        pytest.param("training: {promote: never}", "by_hand", id="an unknown way"),
        pytest.param("training: {memory_mb: 64}", "512", id="hardly any memory"),
    ],
)
def test_mistakes_about_the_ranker_are_named(folder: Path, said: str, mistake: str):
    (found,) = mistakes_of(folder, f"{GOOD}{said}\n")

    assert mistake in found


def test_a_tracking_file_is_relative_to_the_settings(folder: Path):
    settings = settings_of(folder, f"{GOOD}training: {{mlflow: 'sqlite:///runs.db'}}\n")

    assert settings.training.mlflow == f"sqlite:///{folder / 'runs.db'}"
