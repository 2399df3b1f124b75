"""How we sign in to a CRM. Secrets are named here, never written, and read anew each time."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from daemon.settings.parts import Part, checked_env_name, only_source


class ClientCredentials(Part):
    """An app's own key; it acts as the app's run-as user."""

    type: Literal["client_credentials"]
    client_id: str
    client_secret_env: str | None = None
    client_secret_file: Path | None = None

    _named = field_validator("client_secret_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        only_source(self.client_secret_env, self.client_secret_file, "client_secret")
        return self

    def client_secret(self) -> SecretStr:
        """The secret, read anew."""
        return only_source(self.client_secret_env, self.client_secret_file, "client_secret").read()

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of it."""
        return (self.client_secret(),)


class Jwt(Part):
    """A certificate's private key; it acts as a user who was pre-authorised."""

    type: Literal["jwt"]
    client_id: str
    username: str
    private_key_env: str | None = None
    private_key_file: Path | None = None
    audience: str = "https://login.salesforce.com"

    _named = field_validator("private_key_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        only_source(self.private_key_env, self.private_key_file, "private_key")
        return self

    def private_key(self) -> SecretStr:
        """The key as PEM, read anew."""
        return only_source(self.private_key_env, self.private_key_file, "private_key").read()

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of it."""
        return (self.private_key(),)


class Token(Part):
    """A token somebody else made, for trying things out; it cannot be renewed."""

    type: Literal["token"]
    access_token_env: str | None = None
    access_token_file: Path | None = None

    _named = field_validator("access_token_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        only_source(self.access_token_env, self.access_token_file, "access_token")
        return self

    def access_token(self) -> SecretStr:
        """The token, read anew."""
        return only_source(self.access_token_env, self.access_token_file, "access_token").read()

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of it."""
        return (self.access_token(),)


class ServiceKey(Part):
    """A HubSpot service key, or the access token of a private app."""

    type: Literal["service_key", "private_app"]
    token_env: str | None = None
    token_file: Path | None = None

    _named = field_validator("token_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        only_source(self.token_env, self.token_file, "token")
        return self

    def token(self) -> SecretStr:
        """The key, read anew."""
        return only_source(self.token_env, self.token_file, "token").read()

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of it."""
        return (self.token(),)


class OAuth(Part):
    """A HubSpot app that was installed in the portal."""

    type: Literal["oauth"]
    client_id: str
    client_secret_env: str | None = None
    client_secret_file: Path | None = None
    refresh_token_env: str | None = None
    refresh_token_file: Path | None = None  #: written anew where HubSpot gives another token

    _named = field_validator("client_secret_env", "refresh_token_env")(checked_env_name)

    @model_validator(mode="after")
    def _one_source_each(self) -> Self:
        only_source(self.client_secret_env, self.client_secret_file, "client_secret")
        only_source(self.refresh_token_env, self.refresh_token_file, "refresh_token")
        return self

    def client_secret(self) -> SecretStr:
        """The app's secret, read anew."""
        return only_source(self.client_secret_env, self.client_secret_file, "client_secret").read()

    def refresh_token(self) -> SecretStr:
        """What access tokens are got with, read anew."""
        return only_source(self.refresh_token_env, self.refresh_token_file, "refresh_token").read()

    def secrets(self) -> tuple[SecretStr, ...]:
        """Every secret of it."""
        return (self.client_secret(), self.refresh_token())


Auth = Annotated[ClientCredentials | Jwt | Token | ServiceKey | OAuth, Field(discriminator="type")]
SIGN_INS_OF: Final = {
    "salesforce": ("client_credentials", "jwt", "token"),
    "hubspot": ("service_key", "private_app", "oauth"),
}
SIGN_INS: Final = tuple(name for names in SIGN_INS_OF.values() for name in names)
