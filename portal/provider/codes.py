"""An authorization code as the protocol sees it. The methods have the names by which Authlib asks."""

from dataclasses import dataclass

from portal.provider.models import Code, Login


@dataclass(frozen=True, slots=True)
class SpendableCode:
    """A code that may be spent, and the sign-in that it came from."""

    row: Code
    login: Login

    @property
    def code_challenge(self) -> str:
        """The PKCE challenge; never empty."""
        return self.row.code_challenge

    @property
    def code_challenge_method(self) -> str:
        """The only method that we take."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """The address to which the code was sent."""
        return self.row.redirect_uri

    def get_scope(self) -> str:
        """The scopes granted."""
        return self.row.scope

    def get_nonce(self) -> str | None:
        """The client's nonce."""
        return self.row.nonce

    def get_auth_time(self) -> int:
        """When the person proved who they are."""
        return int(self.login.auth_at.timestamp())

    def get_acr(self) -> None:
        """Levels come with the second factor (issue 3); until then none is claimed."""
        return

    def get_amr(self) -> list[str]:
        """How they proved it (RFC 8176)."""
        return self.login.amr
