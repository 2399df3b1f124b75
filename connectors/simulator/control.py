"""Endpoints under /__simulator__/: the truth, scripted faults, acts of humans, statistics.

They need no session, count against no limit and no fault touches them. Mistakes are
answered with 400 and a sentence that says what to do. What can be done and asked differs
from CRM to CRM; how it is done and asked does not.
"""

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, Final, Protocol

from connectors.simulator.clock import SimulatorClock
from connectors.simulator.exchange import Refusal, Reply, Request
from connectors.simulator.faults import FaultBook
from connectors.simulator.truth import TruthJournal

CONTROL_PATH: Final = "/__simulator__/"

Given = Mapping[str, Any]
Act = Callable[[Given], Any]
Answers = Callable[[Request], Any]


class Crm(Protocol):
    """What the desk must know of the CRM it stands beside."""

    lock: RLock
    clock: SimulatorClock
    truth: TruthJournal


class Control:
    """Answers control requests for one CRM.

    Args:
        crm: The CRM whose truth is told.
        book: Its faults.
        acts: What may be done, by name, each described as plain data.
        answers: What else is answered, by method and name.
    """

    def __init__(
        self,
        crm: Crm,
        book: FaultBook,
        *,
        acts: Mapping[str, Act],
        answers: Mapping[tuple[str, str], Answers],
    ) -> None:
        self._crm = crm
        self._book = book
        self._acts = acts
        self._answers: dict[tuple[str, str], Answers] = {
            ("GET", "truth"): self._truth,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._lift_faults,
            ("POST", "acts"): self._do_acts,
            **answers,
        }

    def offer(self, name: str, act: Act) -> None:
        """Let one more act be done here."""
        self._acts = {**self._acts, name: act}

    def tell(self, name: str, answers: Answers) -> None:
        """Let one more thing be asked here."""
        self._answers[("GET", name)] = answers

    def answer(self, request: Request) -> Reply:
        """The reply to a control request."""
        name = request.path.removeprefix(CONTROL_PATH).strip("/")
        answers = self._answers.get((request.method, name))
        if answers is None:
            known = sorted(f"{method} {CONTROL_PATH}{path}" for method, path in self._answers)
            error = f"There is no {request.method} {request.path}."
            return Reply(404, {"error": error, "known": known})
        try:
            with self._crm.lock:
                return Reply(200, answers(request))
        except (Refusal, ValueError, KeyError, TypeError) as error:
            return Reply(400, {"error": f"{type(error).__name__}: {error}"})

    def act(self, given: Given) -> Any:
        """Do one act, described as plain data: `{"act": "delete", "id": "00Q..."}`."""
        act = self._acts.get(str(given.get("act")))
        if act is None:
            raise ValueError(
                f"There is no act {given.get('act')!r}; known are {sorted(self._acts)}."
            )
        return act(given)

    def _truth(self, request: Request) -> Any:
        return {"entries": self._crm.truth.as_json(int(request.params.get("since", 0)))}

    def _faults(self, request: Request) -> Any:
        del request
        return {"faults": self._book.listed()}

    def _add_faults(self, request: Request) -> Any:
        body = request.json()
        scripts = body.get("faults", [body]) if isinstance(body, dict) else body
        return {"added": [self._book.add(one, self._crm.clock.now()).number for one in scripts]}

    def _lift_faults(self, request: Request) -> Any:
        number = request.params.get("number")
        self._book.remove(int(number) if number else None)
        return {"faults": self._book.listed()}

    def _do_acts(self, request: Request) -> Any:
        body = request.json()
        return {"done": [self.act(one) for one in (body if isinstance(body, list) else [body])]}
