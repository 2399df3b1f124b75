"""What can be done in a simulated portal from outside, and asked of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.simulator.control import Act, Answers, Given
from connectors.simulator.exchange import Request
from connectors.simulator.hubspot.acts import PortalActs
from connectors.simulator.hubspot.portal import Portal, RequiredWhen
from connectors.simulator.hubspot.properties import Property
from connectors.simulator.hubspot.stamps import moment, read_time
from connectors.simulator.hubspot.webhooks import Subscription
from connectors.simulator.hubspot.world import PortalWorld
from connectors.simulator.truth import HUMAN, WORLD, Actor, Happening

_SETTINGS = (
    "latency_s", "has_leads", "lead_owner_follows", "trace_ids_on_update", "survivor_gets_new_id",
)  # fmt: skip


class PortalControl:
    """Acts and answers of one portal."""

    def __init__(self, portal: Portal, *, acts: PortalActs, world: PortalWorld) -> None:
        self._portal = portal
        self._acts = acts
        self._world = world
        self.acts: Mapping[str, Act] = {
            "create_contact": self._create_contact,
            "create": self._create,
            "update": self._update,
            "change_owner": self._change_owner,
            "archive_owner": self._archive_owner,
            "restore_owner": self._restore_owner,
            "out_of_office": self._set_out_of_office,
            "back": self._end_out_of_office,
            "work": self._work,
            "merge": self._merge,
            "archive": self._archive,
            "erase": self._erase,
            "touch": self._touch,
            "advance": self._advance,
            "skew": self._skew,
            "rules": self._rules,
            "define_property": self._define_property,
            "expire_tokens": self._expire_tokens,
            "settings": self._settings,
            "webhooks": self._subscribe,
            "no_webhooks": self._unsubscribe,
        }
        self.answers: Mapping[tuple[str, str], Answers] = {
            ("GET", "stats"): self._stats,
            ("GET", "roster"): self._roster,
            ("GET", "company"): self._company,
            ("POST", "grants"): self._grant,
        }

    def _stats(self, request: Request) -> Any:
        del request
        portal, now = self._portal, self._portal.clock.now()
        owned = [
            entry.client for entry in portal.truth.since() if entry.what is Happening.OWNER_CHANGED
        ]
        return {
            "requests": dict(portal.limits.kinds),
            "refused": dict(portal.limits.refused),
            "api_usage": {"used": portal.limits.used(now), "limit": portal.limits.daily},
            "refreshes": portal.tokens.refreshes,
            "index_behind": portal.index.behind,
            "webhooks": {
                "delivered": portal.webhooks.delivered,
                "forgotten": portal.webhooks.forgotten,
            },
            "owner_changes": {client: owned.count(client) for client in sorted(set(owned))},
            "now": now.isoformat(),
        }

    def _roster(self, request: Request) -> Any:
        del request
        return {"people": self._world.roster()}

    def _company(self, request: Request) -> Any:
        del request
        return {
            "people": self._world.whereabouts(),
            "queues": {"inbound-triage": self._world.queue_id},
            "portal_id": self._portal.id,
        }

    def _grant(self, request: Request) -> Any:
        given = request.json() if request.body else {}
        tokens = self._portal.tokens
        kind = given.get("kind", "private")
        if kind not in ("private", "oauth"):
            raise ValueError(f"An app is private or oauth, not {kind!r}.")
        app = tokens.register(kind=kind, scopes=given.get("scopes"), user_id=self._world.admin_id)
        token = tokens.open(app, self._portal.clock.now())
        return {
            "access_token": token.text,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "refresh_token": app.refresh_token,
        }

    def _create_contact(self, given: Given) -> Any:
        made = []
        for _ in range(int(given.get("count", 1))):
            properties = {**self._world.next_contact(), **(given.get("properties") or {})}
            made.append(str(self._acts.create("contacts", properties, unchecked=True)))
        return {"ids": made}

    def _create(self, given: Given) -> Any:
        links = [(str(name), int(one)) for name, one in given.get("links") or []]
        made = self._acts.create(
            given["object"],
            given["properties"],
            links=links,
            actor=self._actor(given, WORLD),
            unchecked=bool(given.get("unchecked")),
        )
        return {"ids": [str(made)]}

    def _update(self, given: Given) -> Any:
        self._acts.update(
            *_subject(given),
            given["properties"],
            actor=self._actor(given, HUMAN),
            unchecked=bool(given.get("unchecked")),
        )
        return {"id": str(given["id"])}

    def _actor(self, given: Given, client: str) -> Actor:
        return Actor(str(given.get("by") or self._world.admin_id), client)

    def _change_owner(self, given: Given) -> Any:
        owner = str(given["owner"] or "")
        self._acts.change_owner(*_subject(given), owner, by=given.get("by"))
        return {"id": str(given["id"]), "owner": owner}

    def _archive_owner(self, given: Given) -> Any:
        self._acts.archive_owner(str(given["owner"]))
        return {"owner": str(given["owner"])}

    def _restore_owner(self, given: Given) -> Any:
        self._acts.restore_owner(str(given["owner"]))
        return {"owner": str(given["owner"])}

    def _set_out_of_office(self, given: Given) -> Any:
        until_ms = read_time(str(given["until"])) if "until" in given else None
        week = self._portal.clock.now() + timedelta(days=7)
        until = week if until_ms is None else moment(until_ms)
        self._acts.set_out_of_office(str(given["owner"]), until=until)
        return {"owner": str(given["owner"]), "until": until.isoformat()}

    def _end_out_of_office(self, given: Given) -> Any:
        self._acts.end_out_of_office(str(given["owner"]))
        return {"owner": str(given["owner"])}

    def _work(self, given: Given) -> Any:
        made = self._acts.work(
            int(given["id"]), by=str(given["by"]), kind=str(given.get("kind", "Call"))
        )
        return {"ids": [str(made)]}

    def _merge(self, given: Given) -> Any:
        name = str(given.get("object", "contacts"))
        left = self._acts.merge(name, int(given["winner"]), int(given["loser"]))
        return {"id": str(left)}

    def _archive(self, given: Given) -> Any:
        self._acts.archive(*_subject(given))
        return {"id": str(given["id"])}

    def _erase(self, given: Given) -> Any:
        self._acts.erase(*_subject(given))
        return {"id": str(given["id"])}

    def _touch(self, given: Given) -> Any:
        ids = given.get("ids")
        wanted = None if ids is None else [int(one) for one in ids]
        return {"touched": self._acts.touch(str(given.get("object", "contacts")), wanted)}

    def _advance(self, given: Given) -> Any:
        self._portal.clock.advance(float(given["seconds"]))
        return {"now": moment(self._portal.now_ms()).isoformat()}

    def _skew(self, given: Given) -> Any:
        self._portal.clock.skew = timedelta(seconds=float(given["seconds"]))
        return {"told": self._portal.told()}

    def _rules(self, given: Given) -> Any:
        rules = [RequiredWhen(**one) for one in given["rules"]]
        self._portal.settings.rules[:] = rules
        return {"rules": len(rules)}

    def _define_property(self, given: Given) -> Any:
        options = tuple((str(value), str(label)) for value, label in given.get("options") or [])
        name, kind = str(given["name"]), str(given.get("type", "string"))
        definition = Property(name, str(given.get("label", name)), kind, options, custom=True)
        self._portal.define(str(given.get("object", "contacts")), definition)
        return {"name": name}

    def _expire_tokens(self, given: Given) -> Any:
        now = self._portal.clock.now()
        return {"ended": self._portal.tokens.end_all(now, given.get("client_id"))}

    def _subscribe(self, given: Given) -> Any:
        app = self._portal.tokens.app(str(given["client_id"]))
        if app is None:
            raise ValueError(f"There is no app {given['client_id']!r}; ask /__simulator__/grants.")
        chosen: dict[str, Any] = {
            name: frozenset(given[name]) for name in ("events", "properties") if name in given
        }
        subscription = Subscription(
            url=str(given["url"]),
            secret=app.client_secret,
            app_id=int(app.client_id),
            duplicates=float(given.get("duplicates", 0)),
            shuffled=bool(given.get("shuffled")),
            **chosen,
        )
        self._portal.webhooks.subscribe(subscription)
        return {"url": subscription.url}

    def _unsubscribe(self, given: Given) -> Any:
        del given
        self._portal.webhooks.unsubscribe()
        return {}

    def _settings(self, given: Given) -> Any:
        portal = self._portal
        for name in _SETTINGS:
            if name in given:
                setattr(portal.settings, name, given[name])
        if "daily_limit" in given:
            portal.limits.daily = int(given["daily_limit"])
        if "burst" in given:
            portal.limits.burst = int(given["burst"])
        if "searches_per_s" in given:
            portal.limits.search.most = int(given["searches_per_s"])
        if "lag_s" in given:
            shortest, longest = given["lag_s"]
            portal.index.lag_s = (float(shortest), float(longest))
        if "used" in given:
            portal.limits.add(portal.clock.now(), int(given["used"]))
        return {"daily_limit": portal.limits.daily, "burst": portal.limits.burst}


def _subject(given: Given) -> tuple[str, int]:
    return str(given.get("object", "contacts")), int(given["id"])
