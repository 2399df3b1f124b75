"""Two connections that know the same people, as the settings name them."""

from pathlib import Path

import pytest

from daemon.settings import Settings, SettingsMistakes, load_settings

TWO = """
rulebook: rulebook.yaml
roster: roster.yaml
route_from: 2026-03-01T00:00:00Z
ledger: {url: sqlite:///box.db}
connections:
  salesforce:
    kind: salesforce
    base_url: https://acme.my.salesforce.com
    auth: {type: client_credentials, client_id: app, client_secret_env: SF_SECRET}
  hubspot:
    kind: hubspot
    auth: {type: service_key, token_env: HS_TOKEN}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rulebook.yaml").write_text("rulebook: x")
    (tmp_path / "roster.yaml").write_text("people: []")
    return tmp_path


def settings_of(folder: Path, text: str) -> Settings:
    path = folder / "signalbox.yaml"
    path.write_text(text)
    return load_settings(path, with_secrets=False)


def test_a_synced_pair_names_who_assigns_and_how_long_to_wait(folder: Path):
    said = "pairs: {connections: [salesforce, hubspot], synced: true, wait_s: 20}\n"
    pairs = settings_of(folder, TWO + said).paired()

    assert pairs is not None
    assert (pairs.assigner, pairs.synced, pairs.wait_s) == ("salesforce", True, 20)


def test_two_crms_of_different_kinds_are_an_unsynced_pair_where_nothing_is_said(folder: Path):
    pairs = settings_of(folder, TWO).paired()

    assert pairs is not None
    assert (pairs.connections, pairs.synced) == (("salesforce", "hubspot"), False)


def test_one_crm_alone_is_no_pair(folder: Path):
    alone = TWO[: TWO.index("  hubspot:")]

    assert settings_of(folder, alone).paired() is None


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        pytest.param("[salesforce, hubspt]", 'Did you mean "hubspot"?', id="unknown"),
        pytest.param("[hubspot, hubspot]", "twice", id="one twice"),
        pytest.param("[salesforce]", "pairs.connections", id="one alone"),
        pytest.param("[salesforce, hubspot], assigns: acme", "one of the two", id="assigns"),
    ],
)
def test_a_pair_that_cannot_be_is_a_mistake_that_says_so(folder: Path, pairs: str, said: str):
    with pytest.raises(SettingsMistakes) as caught:
        settings_of(folder, f"{TWO}pairs: {{connections: {pairs}}}\n")

    assert said in "\n".join(caught.value.mistakes)
