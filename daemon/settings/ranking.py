"""The parts of the settings about the ranker: how it acts, when it stops, and how it learns.

Nothing of it acts by itself: a lead is ranked where a rule says `choose: model` and a version is in
force. What is left to chance is drawn with a salt that is named here or, where it is not, made
once and kept in the ledger.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from apscheduler.triggers.cron import CronTrigger
from pydantic import Field, field_validator, model_validator

from daemon.settings.parts import Part, Seconds, checked_env_name, only_source

Share = Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)]
Days = Annotated[float, Field(gt=0, le=3660, allow_inf_nan=False)]

_MILLION = 1_000_000


class Drift(Part):
    """When what is decided no longer looks like what was learned from."""

    check_s: Seconds = 3600
    leads: Annotated[int, Field(ge=50, le=100_000)] = 500  #: looked at: the last so many decisions
    psi: Annotated[float, Field(gt=0, le=10)] = 0.25  #: of any fact, or of the score
    unseen: Annotated[float, Field(gt=0, le=1)] = 0.2  #: share of values that training had not
    base_rate: Annotated[float, Field(gt=0, le=1)] = 0.5  #: relative change of the rate of wins


class Ranker(Part):
    """How the ranker acts."""

    enabled: bool = True  #: False: round robin everywhere, whatever is in force
    exploration: Share = 0.05  #: of ranked leads, drawn anew at every attempt
    holdout: Share = 0.05  #: of leads, the same ones for ever
    salt_env: str | None = None
    salt_file: Path | None = None
    max_age_d: Days = 45  #: a version that was trained longer ago does not rank
    drift: Drift = Drift()

    _named = field_validator("salt_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_salt(self) -> Self:
        if self.salt_env is not None and self.salt_file is not None:
            raise ValueError("needs only one of salt_env and salt_file.")
        if self.exploration + self.holdout > 0.5:
            raise ValueError("leaves more than half of all leads to chance.")
        return self

    @property
    def exploration_ppm(self) -> int:
        """In millionths."""
        return round(self.exploration * _MILLION)

    @property
    def holdout_ppm(self) -> int:
        """In millionths."""
        return round(self.holdout * _MILLION)

    @property
    def max_age(self) -> timedelta:
        """How old a version may be."""
        return timedelta(days=self.max_age_d)

    def salt(self) -> bytes | None:
        """The salt that is named; None where the ledger keeps one.

        Raises:
            SecretMissing: It is not where it should be.
        """
        if self.salt_env is None and self.salt_file is None:
            return None
        source = only_source(self.salt_env, self.salt_file, "salt")
        return source.read().get_secret_value().encode()


class Promote(StrEnum):
    """Who puts a version in force that passed the gate."""

    AUTOMATICALLY = "automatically"
    BY_HAND = "by_hand"


class Floors(Part):
    """What a version must have seen and reached to be put in force."""

    decided: Annotated[int, Field(ge=100, le=10_000_000)] = 1000
    wins: Annotated[int, Field(ge=10, le=10_000_000)] = 120


class Training(Part):
    """When and how the ranker learns; in a process of its own, bounded in memory and time."""

    enabled: bool = True
    schedule: str = "0 3 * * *"  #: minute, hour, day, month, weekday; in UTC
    after_outcomes: Annotated[int, Field(ge=1, le=10_000_000)] = 200
    #: train as soon as so many more leads have ripened, whatever the calendar says
    horizon_d: Annotated[int, Field(ge=1, le=1830)] = 90  #: a win counts within so many days
    promote: Promote = Promote.AUTOMATICALLY
    history: Path | None = None
    #: leads of before Signalbox to learn from as well, see `daemon.ranker.past_leads`
    segments: tuple[str, ...] = ()  #: fields in whose values reps may differ from themselves
    without: tuple[str, ...] = ()  #: fields that the model must not see
    wins: tuple[str, ...] = ("won",)  #: kinds of outcome that count as a win
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    #: what is compared -> group -> roster ids: {site: {berlin: [ada], lisbon: [bob]}}
    floors: Floors = Floors()
    largest_share: Annotated[float, Field(ge=1, le=100)] = 2.0
    #: of the leads that a rep would get, as a multiple of an even split
    mlflow: str | None = None  #: tracking server; left out: a file beside the ledger
    memory_mb: Annotated[int, Field(ge=512, le=1_000_000)] = 4096
    at_most_s: Seconds = 900

    @field_validator("schedule")
    @classmethod
    def _is_a_calendar(cls, schedule: str) -> str:
        try:
            CronTrigger.from_crontab(schedule, timezone="UTC")
        except ValueError as error:
            raise ValueError(
                f'is "{schedule[:60]}": {error}. Write minute, hour, day, month and weekday, such '
                'as "0 3 * * *".'
            ) from error
        return schedule

    @property
    def horizon(self) -> timedelta:
        """How long after the decision a win counts."""
        return timedelta(days=self.horizon_d)
