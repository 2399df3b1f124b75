"""What can be done in a simulated org from outside, and asked of it: see simulator/control.py."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.simulator.control import Act, Answers, Given
from connectors.simulator.exchange import Request
from connectors.simulator.salesforce.access import access_from
from connectors.simulator.salesforce.acts import Acts
from connectors.simulator.salesforce.ids import canonical
from connectors.simulator.salesforce.org import Org
from connectors.simulator.salesforce.rules import ValidationRule
from connectors.simulator.salesforce.stamps import read_datetime
from connectors.simulator.salesforce.world import World
from connectors.simulator.truth import Happening


class OrgControl:
    """Acts and answers of one org."""

    def __init__(self, org: Org, *, acts: Acts, world: World) -> None:
        self._org = org
        self._acts = acts
        self._world = world
        self.acts: Mapping[str, Act] = {
            "create_lead": self._create_lead,
            "create": self._create,
            "update": self._update,
            "change_owner": self._change_owner,
            "deactivate_user": self._set_active,
            "activate_user": self._set_active,
            "out_of_office": self._set_out_of_office,
            "back": self._end_out_of_office,
            "work": self._work,
            "read": self._read,
            "merge": self._merge,
            "convert": self._convert,
            "delete": self._delete,
            "purge": self._purge,
            "touch": self._touch,
            "advance": self._advance,
            "skew": self._skew,
            "assignment_rule": self._assignment_rule,
            "validation_rules": self._validation_rules,
            "expire_sessions": self._expire_sessions,
            "settings": self._settings,
        }
        self.answers: Mapping[tuple[str, str], Answers] = {
            ("GET", "stats"): self._stats,
            ("GET", "roster"): self._roster,
            ("GET", "company"): self._company,
            ("POST", "grants"): self._grant,
        }

    def _stats(self, request: Request) -> Any:
        del request
        org = self._org
        owned = [
            entry.client for entry in org.truth.since() if entry.what is Happening.OWNER_CHANGED
        ]
        return {
            "requests": dict(org.usage.kinds),
            "api_usage": {"used": org.usage.used(org.clock.now()), "limit": org.usage.limit},
            "logins": org.sessions.logins,
            "owner_changes": {client: owned.count(client) for client in sorted(set(owned))},
            "now": org.clock.now().isoformat(),
        }

    def _roster(self, request: Request) -> Any:
        del request
        return {"people": self._world.roster()}

    def _company(self, request: Request) -> Any:
        del request
        world = self._world
        return {
            "people": world.whereabouts(),
            "queues": world.queues,
            "marketing_user": world.marketing_user_id,
            "integration_user": world.integration_user_id,
        }

    def _grant(self, request: Request) -> Any:
        given = request.json()
        access = access_from({k: v for k, v in given.items() if k not in ("user_id", "public_key")})
        user_id = canonical(str(given.get("user_id") or "")) or self._world.integration_user_id
        app = self._org.sessions.register(
            user_id, access=access, public_key=given.get("public_key")
        )
        session = self._org.sessions.open(app, self._org.clock.now())
        return {
            "access_token": session.token,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "refresh_token": app.refresh_token,
            "user_id": user_id,
        }

    def _create_lead(self, given: Given) -> Any:
        count = int(given.get("count", 1))
        made = []
        for _ in range(count):
            fields = {**self._world.next_lead(), **(given.get("fields") or {})}
            made.append(
                self._acts.create(
                    "Lead",
                    fields,
                    by=given.get("by") or self._world.marketing_user_id,
                    held_s=float(given.get("held_s", 0)),
                    unchecked=bool(given.get("unchecked")),
                )
            )
        return {"ids": made}

    def _create(self, given: Given) -> Any:
        made = self._acts.create(
            given["object"],
            given["fields"],
            by=given.get("by"),
            held_s=float(given.get("held_s", 0)),
            unchecked=bool(given.get("unchecked")),
        )
        return {"ids": [made]}

    def _update(self, given: Given) -> Any:
        self._acts.update(
            _id(given),
            given["fields"],
            by=given.get("by"),
            at=_time(given, "at"),
            unchecked=bool(given.get("unchecked")),
        )
        return {"id": _id(given)}

    def _change_owner(self, given: Given) -> Any:
        owner = str(canonical(str(given["owner"])))
        self._acts.change_owner(_id(given), owner, by=given.get("by"), at=_time(given, "at"))
        return {"id": _id(given), "owner": owner}

    def _set_active(self, given: Given) -> Any:
        self._acts.set_active(_id(given), active=given["act"] == "activate_user")
        return {"id": _id(given)}

    def _set_out_of_office(self, given: Given) -> Any:
        until = _time(given, "until") or self._org.clock.now() + timedelta(days=7)
        return {"ids": [self._acts.set_out_of_office(_id(given), until=until)]}

    def _end_out_of_office(self, given: Given) -> Any:
        return {"ended": self._acts.end_out_of_office(_id(given))}

    def _work(self, given: Given) -> Any:
        kind = str(given.get("kind", "Call"))
        return {"ids": [self._acts.work(_id(given), by=given["by"], kind=kind)]}

    def _read(self, given: Given) -> Any:
        self._acts.read(_id(given), by=given["by"])
        return {"id": _id(given)}

    def _merge(self, given: Given) -> Any:
        self._acts.merge(str(canonical(given["winner"])), given["losers"], by=given.get("by"))
        return {"id": given["winner"]}

    def _convert(self, given: Given) -> Any:
        return self._acts.convert(_id(given), by=given.get("by"), owner_id=given.get("owner"))

    def _delete(self, given: Given) -> Any:
        self._acts.delete(_id(given), by=given.get("by"))
        return {"id": _id(given)}

    def _purge(self, given: Given) -> Any:
        self._acts.purge(_id(given))
        return {"id": _id(given)}

    def _touch(self, given: Given) -> Any:
        return {"touched": self._acts.touch(given["object"], given.get("ids"))}

    def _advance(self, given: Given) -> Any:
        self._org.clock.advance(float(given["seconds"]))
        return {"now": self._org.now().isoformat()}

    def _skew(self, given: Given) -> Any:
        self._org.clock.skew = timedelta(seconds=float(given["seconds"]))
        return {"told": self._org.clock.told().isoformat()}

    def _assignment_rule(self, given: Given) -> Any:
        self._org.rules.assign_leads_to = given.get("owner")
        return {"owner": given.get("owner")}

    def _validation_rules(self, given: Given) -> Any:
        rules = [
            ValidationRule(one["object"], one["field"], one["pattern"], one["message"])
            for one in given["rules"]
        ]
        self._org.rules.validations[:] = rules
        return {"rules": len(rules)}

    def _expire_sessions(self, given: Given) -> Any:
        return {"ended": self._org.sessions.end_all(given.get("client_id"))}

    def _settings(self, given: Given) -> Any:
        settings = self._org.settings
        for name in ("latency_s", "page_rows", "bulk_ready_after_polls", "instance_url"):
            if name in given:
                setattr(settings, name, given[name])
        if "daily_limit" in given:
            self._org.usage.limit = int(given["daily_limit"])
        if "duplicates_by_email" in given:
            self._org.rules.duplicates_by_email = bool(given["duplicates_by_email"])
        if "used" in given:
            self._org.usage.add(self._org.clock.now(), int(given["used"]))
        return {"daily_limit": self._org.usage.limit, "page_rows": settings.page_rows}


def _id(given: Given) -> str:
    record_id = canonical(str(given.get("id") or ""))
    if record_id is None:
        raise ValueError(f"{given.get('act')} needs the id of a record, not {given.get('id')!r}.")
    return record_id


def _time(given: Given, name: str) -> Any:
    text = given.get(name)
    if text is None:
        return None
    at = read_datetime(str(text))
    if at is None:
        raise ValueError(f"{name} must be a time such as 2026-01-05T09:00:00Z, not {text!r}.")
    return at
