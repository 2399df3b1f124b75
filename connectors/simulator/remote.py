"""A simulator in another process, from outside: its truth, its company, and acts of its humans."""

from collections.abc import Mapping
from typing import Any

import requests

_TIMEOUT_S = 10.0


class SimulatorRemote:
    """Asks the endpoints under /__simulator__/ of a running simulator."""

    def __init__(self, base_url: str) -> None:
        self._address = f"{base_url}/__simulator__"
        self._session = requests.Session()
        self._session.trust_env = False  # loopback only: no proxy has a say here

    def truth(self, since: int = 0) -> list[dict[str, Any]]:
        """Entries of the truth journal from a place on."""
        entries: list[dict[str, Any]] = self._get("truth", since=since)["entries"]
        return entries

    def roster(self) -> list[dict[str, Any]]:
        """The sales people as entries of a roster file."""
        people: list[dict[str, Any]] = self._get("roster")["people"]
        return people

    def company(self) -> dict[str, Any]:
        """User and queue ids, and who is away, full or gone."""
        return self._get("company")

    def pairs(self) -> dict[str, list[list[str]]]:
        """Salesforce and HubSpot ids of everybody who is in both: `synced` and `unsynced`."""
        return self._get("pairs")

    def stats(self) -> dict[str, Any]:
        """Requests by kind, API usage, owner changes by client."""
        return self._get("stats")

    def act(self, act: Mapping[str, Any]) -> dict[str, Any]:
        """Let somebody do something: `{"act": "out_of_office", "id": ..., "until": ...}`.

        Raises:
            ValueError: The act has a mistake, or the service refused it.
        """
        answer = self._session.post(f"{self._address}/acts", json=[act], timeout=_TIMEOUT_S)
        said: dict[str, Any] = answer.json()
        if answer.status_code != requests.codes.ok:
            raise ValueError(f"The simulator refused {act.get('act')!r}: {said['error']}")
        done: dict[str, Any] = said["done"][0]
        return done

    def close(self) -> None:
        """Give the connection back."""
        self._session.close()

    def _get(self, name: str, **params: int) -> dict[str, Any]:
        answer = self._session.get(f"{self._address}/{name}", params=params, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said
