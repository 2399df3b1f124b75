"""How a CRM may say that there is something new: a shared secret, and where it calls us."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, field_validator, model_validator

from daemon.settings.parts import Part, checked_env_name, only_source


def _public(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ValueError("must be the address that the CRM calls, https://HOST/wake/CONNECTION.")
    return url


class Wake(Part):
    """Hints of one connection, answered at /wake/CONNECTION; the poll stays the truth.

    HubSpot signs its requests with the app's client secret, over the address it was told, so it
    needs `public_url` too. Salesforce sends the secret in a header.
    """

    secret_env: str | None = None
    secret_file: Path | None = None
    public_url: Annotated[str, AfterValidator(_public)] | None = None

    _named = field_validator("secret_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        only_source(self.secret_env, self.secret_file, "secret")
        return self

    def secret(self) -> SecretStr:
        """The secret, read anew."""
        return only_source(self.secret_env, self.secret_file, "secret").read()
