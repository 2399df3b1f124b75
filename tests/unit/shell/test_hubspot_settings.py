"""A HubSpot connection in the settings: what is usual, and what does not fit."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connectors.hubspot import HubSpotConnector, OAuthApp, ServiceKey
from daemon.crm.connectors import WrongConnection, open_connector
from daemon.settings import ConnectionConfig, SettingsMistakes, load_settings
from tests.fakes.clock import SettableClock

GOOD = """
rulebook: rulebook.yaml
roster: roster.yaml
route_from: 2026-03-01T00:00:00Z
ledger: {url: sqlite:///box.db}
connections:
  portal:
    kind: hubspot
    auth: {type: service_key, token_env: HS_TOKEN}
    facts: {country: hs.contact.country}
    written: {reason: hs.contact.routing_reason}
    queues: {triage: {owner: mona}, lost: unowned}
"""
APP = "{type: oauth, client_id: app, client_secret_env: HS_SECRET, refresh_token_file: refresh}"
KEY = "{type: service_key, token_env: HS_TOKEN}"
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HS_TOKEN", "pat-made-up")
    monkeypatch.setenv("HS_SECRET", "made-up")
    (tmp_path / "rulebook.yaml").write_text("rulebook: x")
    (tmp_path / "roster.yaml").write_text("people: []")
    (tmp_path / "refresh").write_text("refresh-1")
    (tmp_path / "refresh").chmod(0o600)
    return tmp_path


def portal_of(folder: Path, text: str = GOOD) -> ConnectionConfig:
    path = folder / "signalbox.yaml"
    path.write_text(text)
    return load_settings(path).connections["portal"]


def opened(told: ConnectionConfig) -> HubSpotConnector:
    connector = open_connector("portal", told, route_from=AT, clock=SettableClock())
    assert isinstance(connector, HubSpotConnector)
    connector.close()
    return connector


def test_a_key_and_a_name_are_enough(folder: Path):
    told = portal_of(folder)

    assert (told.base_url, told.api_version) == ("https://api.hubapi.com", "2026-09")
    assert told.objects["hs.contact"].owner == "hubspot_owner_id"
    assert told.objects["hs.contact"].closed == ("customer", "evangelist")
    assert told.follower is None


def test_the_connector_is_told_what_the_settings_say(folder: Path):
    settings = opened(portal_of(folder))._settings

    assert settings.grant == ServiceKey("pat-made-up")
    assert settings.routed.stage_field == "lifecyclestage"
    assert settings.mapped_fields("hs.contact") == ("country",)
    assert settings.written_fields("hs.contact") == ("routing_reason",)
    assert settings.salesforce_ids["sf.lead"] == "salesforceleadid"


def test_a_contact_follows_the_lead_object_unless_told_otherwise(folder: Path):
    leads = GOOD.replace("hs.contact.country", "hs.lead.contact.country").replace(
        "written: {reason: hs.contact.routing_reason}", "objects: {hs.lead: hubspot_owner_id}"
    )
    settings = opened(portal_of(folder, leads))._settings

    assert (settings.routed.kind, settings.routed.modified) == ("leads", "hs_lastmodifieddate")
    assert settings.mapped_fields("hs.lead") == ("contact.country",)
    assert settings.follower is not None
    assert settings.follower.object == "hs.contact"


def test_a_rotated_refresh_token_goes_into_the_file_that_held_the_first(folder: Path):
    grant = opened(portal_of(folder, GOOD.replace(KEY, APP)))._settings.grant
    assert isinstance(grant, OAuthApp)
    assert grant.keep is not None
    grant.keep("refresh-2")

    assert (folder / "refresh").read_text() == "refresh-2"
    assert stat.S_IMODE((folder / "refresh").stat().st_mode) == 0o600


def test_a_rotated_refresh_token_that_cannot_be_kept_is_said_and_stops_nothing(folder: Path):
    app = APP.replace("refresh_token_file: refresh", "refresh_token_env: HS_SECRET")
    grants = [
        opened(portal_of(folder, GOOD.replace(KEY, each)))._settings.grant for each in (APP, app)
    ]
    (folder / "refresh.new").mkdir()  # so that nothing can be written there

    with capture_logs() as logs:
        for grant in grants:
            assert isinstance(grant, OAuthApp)
            assert grant.keep is not None
            grant.keep("refresh-2")

    assert [log["event"] for log in logs] == ["refresh_token_not_kept"] * 2
    assert "refresh-2" not in str(logs)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(KEY, "{type: jwt, client_id: a, username: b, private_key_env: HS_SECRET}",
                     "signs in with jwt", id="another CRM's sign-in"),
        pytest.param("{owner: mona}", "inbound", "HubSpot has none", id="a queue"),
        pytest.param("hs.contact.country", "sf.lead.Country", "no object of hubspot", id="fact"),
        pytest.param("kind: hubspot", "kind: hubspot\n    api_version: '64.0'",
                     "api_version 64.0", id="another CRM's version"),
        pytest.param("kind: hubspot", "kind: hubspot\n    follower: hs.contact",
                     "write the other", id="follows itself"),
        pytest.param("kind: hubspot", "kind: hubspot\n    objects: {hs.contact: {}, hs.lead: {}}",
                     "route one of them", id="two routed objects"),
        pytest.param("token_env: HS_TOKEN", "token_env: HS_OTHER", "HS_OTHER is not set", id="key"),
        pytest.param("token_env: HS_TOKEN", "token: pat-na1-0000", "renew the secret", id="secret"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_what_to_do(folder: Path, old: str, new: str, said: str):
    with pytest.raises(SettingsMistakes) as caught:
        portal_of(folder, GOOD.replace(old, new, 1))

    assert any(said in mistake for mistake in caught.value.mistakes), caught.value.mistakes


def test_an_address_that_is_not_hubspot_s_gets_no_key(folder: Path):
    told = portal_of(folder, GOOD.replace("kind:", "base_url: https://evil.test\n    kind:"))

    with pytest.raises(WrongConnection, match=r"evil\.test is not https on a host"):
        opened(told)


def test_a_version_that_is_not_known_yet_is_said(folder: Path):
    told = portal_of(folder, GOOD.replace("kind:", "api_version: 2027-03\n    kind:"))

    with pytest.raises(WrongConnection, match="2027-03 is not known"):
        opened(told)
