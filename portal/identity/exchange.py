"""Talking to a provider: the address that starts a sign-in, the code for tokens, userinfo. Authlib does the requests.

What comes back is trusted in nothing: each bad kind of answer ends in SignInFailed with a code for the log.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from portal import outbound
from portal.identity import client_keys
from portal.identity.metadata import Metadata
from portal.settings import Provider

OAUTH_ERRORS: Final = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"}
    | {"unsupported_grant_type", "server_error", "temporarily_unavailable"}
)


class SignInFailed(Exception):
    """This sign-in cannot be finished. `code` says why, for the log; `down` whether the provider is at fault."""

    def __init__(self, code: str, *, down: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.down = down


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave: an ID token, not yet judged, and the access token for userinfo."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


class ProviderSession(outbound.Careful, OAuth2Session):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's client on our careful one."""


class Exchange:
    """How we talk to one provider, as the settings say. Made once at start; safe to share between threads."""

    def __init__(self, provider: Provider, *, allow_loopback: bool) -> None:
        """Raises SetupError when the key file cannot be used."""
        self._provider = provider
        self._loopback = allow_loopback
        self._by_key = provider.client_auth == "private_key_jwt"
        if self._by_key or provider.request_object:
            client_keys.key_for(provider)

    def authorization_url(
        self, metadata: Metadata, *, redirect_uri: str, state: str, nonce: str, code_verifier: str, language: str
    ) -> str:
        """Where the browser is sent to sign in."""
        with self._session(redirect_uri) as session:
            url, _state = session.create_authorization_url(
                metadata.authorization_endpoint,
                state=state,
                nonce=nonce,
                code_verifier=code_verifier,
                ui_locales=language,
            )
        return str(url)

    def redeem(self, metadata: Metadata, *, code: str, redirect_uri: str, code_verifier: str) -> Tokens:
        """Exchange the code for tokens. Raises SignInFailed."""
        extra = {"client_id": self._provider.client_id} if self._by_key else {}
        try:
            with self._session(redirect_uri) as session:
                session.register_compliance_hook("access_token_response", _refuse_bad_status)
                answer: object = session.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=code_verifier,
                    **extra,
                )
        except AuthlibBaseError as error:
            known = error.error if error.error in OAUTH_ERRORS else "other"
            raise SignInFailed(f"token_{known}", down=known != "invalid_grant") from None
        except requests.RequestException as error:
            raise SignInFailed(f"token_{_kind(error)}", down=True) from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            raise SignInFailed("token_form", down=True) from None
        return _tokens(answer)

    def userinfo(self, metadata: Metadata, access_token: str) -> Mapping[str, object] | None:
        """The userinfo answer, not yet judged; None when the provider has no such endpoint. Raises SignInFailed."""
        if metadata.userinfo_endpoint is None:
            return None
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        try:
            with outbound.client(**self._reach()) as client:
                answer = client.get(metadata.userinfo_endpoint, headers=headers)
                if answer.status_code != 200:
                    raise SignInFailed(f"userinfo_{answer.status_code}", down=True)
                claims = answer.json()
        except requests.RequestException as error:
            raise SignInFailed(f"userinfo_{_kind(error)}", down=True) from None
        except (ValueError, RecursionError):
            raise SignInFailed("userinfo_form", down=True) from None
        if not isinstance(claims, dict):
            raise SignInFailed("userinfo_form", down=True)
        return claims

    def _session(self, redirect_uri: str) -> Any:  # Authlib is untyped
        provider = self._provider
        secret = provider.client_secret.get_secret_value() if provider.client_secret else None
        options: dict[str, Any] = {
            "client_id": provider.client_id,
            "client_secret": secret,
            "token_endpoint_auth_method": provider.client_auth,
            "scope": " ".join(provider.scopes),
            "redirect_uri": redirect_uri,
            "code_challenge_method": "S256",
        }
        session = ProviderSession(**options)
        outbound.fit_out(session, **self._reach())
        if self._by_key:
            session.register_client_auth_method(client_keys.FreshAssertion(provider))
        return session

    def _reach(self) -> dict[str, Any]:
        trusted = {outbound.host_of(self._provider.issuer)}
        return {"allow_loopback": self._loopback, "trusted_hosts": trusted}


def _refuse_bad_status(response: requests.Response) -> requests.Response:
    """Authlib takes tokens from an answer of any status below 500."""
    if response.status_code == 200:
        return response
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status_code in (400, 401) and isinstance(answer, dict) and isinstance(answer.get("error"), str):
        return response  # Authlib raises what the provider says
    raise requests.HTTPError(response=response)


def _tokens(answer: object) -> Tokens:
    if not isinstance(answer, dict):
        raise SignInFailed("token_form", down=True)
    access_token, id_token, kind = (answer.get(name) for name in ("access_token", "id_token", "token_type"))
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise SignInFailed("token_type", down=True)
    if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
        raise SignInFailed("token_access_token", down=True)
    if not isinstance(id_token, str) or not id_token or not access_token:
        raise SignInFailed("token_id_token_missing", down=True)
    return Tokens(id_token=id_token, access_token=access_token)


def _kind(error: requests.RequestException) -> str:
    """A word for the log. Never the error's own text: it quotes addresses, and those hold codes."""
    match error:
        case requests.Timeout():
            return "timeout"
        case requests.ConnectionError():
            return "unreachable"
        case requests.HTTPError():
            return f"status_{error.response.status_code}" if error.response is not None else "status"
        case json.JSONDecodeError() | requests.JSONDecodeError():
            return "form"
    return "failed"
