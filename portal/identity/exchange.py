"""Talking to a provider: the address that starts a sign-in, the code for tokens, userinfo. Authlib does the requests.

What comes back is trusted in nothing: each bad kind of answer ends in SignInFailed with a code for the log.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session

from portal import outbound
from portal.identity import client_keys
from portal.identity.authorization_request import NEVER_IN_ADDRESSES, REPEATED
from portal.identity.metadata import Metadata
from portal.settings.providers import Provider

SIGNED: Final = "application/jwt"
LONGEST_REFRESH_TOKEN: Final = 8192
MOST_WAITING: Final = 8
"""How many threads of a process may wait for one provider's answer to a sign-in, half of those that it has unless told
otherwise: a provider that hangs must not take the pages of those who are signed in along."""
MOST_REFRESHING: Final = 2
"""The same for refreshes, which can be put off."""
OAUTH_ERRORS: Final = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"}
    | {"unsupported_grant_type", "server_error", "temporarily_unavailable"}
)


class SignInFailed(Exception):
    """This sign-in cannot be finished. `code` says why, for the log; `down` whether the provider is at fault.

    `id_token` is there when the answer was good but for something that the provider may be asked for anew.
    """

    def __init__(self, code: str, *, down: bool = False, id_token: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.down = down
        self.id_token = id_token


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave: an ID token, not yet judged, and the access token for userinfo."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh gave: perhaps an ID token, not yet judged, and perhaps a refresh token in the old one's place."""

    access_token: str = field(repr=False)
    id_token: str | None = field(repr=False, default=None)
    refresh_token: str | None = field(repr=False, default=None)


class ProviderSession(outbound.Careful, OAuth2Session):  # type: ignore[misc]  # Authlib is untyped
    """Authlib's client on our careful one."""


class Exchange:
    """How we talk to one provider, as the settings say. Made once at start; safe to share between threads."""

    def __init__(self, provider: Provider, *, allow_loopback: bool) -> None:
        self._provider = provider
        self._loopback = allow_loopback
        self._by_key = provider.client_auth == "private_key_jwt"
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._places_for_refreshes = threading.BoundedSemaphore(MOST_REFRESHING)

    def authorization_url(self, metadata: Metadata, parameters: Mapping[str, str]) -> str:
        """Where the browser is sent to sign in, with the request in the way that settings and provider want it.

        Raises SignInFailed when it has to be pushed there first and is not taken.
        """
        sent = dict(parameters)
        pushed = self._is_pushed(metadata)
        if self._provider.request_object:
            sent = self._as_object(metadata, sent, pushed=pushed)
        elif not pushed:
            sent = {name: value for name, value in sent.items() if name not in NEVER_IN_ADDRESSES}
        if pushed:
            sent = {"client_id": self._provider.client_id, "request_uri": self._push(metadata, sent)}
        return str(add_params_to_uri(metadata.authorization_endpoint, list(sent.items())))

    def _is_pushed(self, metadata: Metadata) -> bool:
        if metadata.pushed_request_endpoint is None:
            return False
        return metadata.requires_pushed or self._provider.pushed_requests == "when_offered"

    def _as_object(self, metadata: Metadata, parameters: Mapping[str, str], *, pushed: bool) -> dict[str, str]:
        """The request signed by us (RFC 9101). What stands beside it says nothing that it does not say."""
        audience = {
            "issuer": self._provider.issuer,
            "authorization_endpoint": metadata.authorization_endpoint,
        }[self._provider.request_object_audience]
        signed = client_keys.sign_request({**_as_json(parameters), "aud": audience}, provider=self._provider)
        repeated = () if pushed else REPEATED
        return {name: parameters[name] for name in repeated} | {"request": signed}

    def _push(self, metadata: Metadata, parameters: Mapping[str, str]) -> str:
        """Hand the request over, authenticated as at the token endpoint (RFC 9126). The name that it has there."""
        form = {**parameters, "client_id": self._provider.client_id}
        if self._provider.client_auth == "client_secret_post":
            form.pop("client_id")  # authentication puts it there, and nothing may be there twice
        try:
            with _place(self._places), self._session() as session:
                if self._by_key:  # whom the assertion is made out to is the same as at the token endpoint
                    session.register_client_auth_method(
                        client_keys.FreshAssertion(self._provider, token_endpoint=metadata.token_endpoint)
                    )
                answer = session.post(
                    metadata.pushed_request_endpoint,
                    data=form,
                    headers={"Accept": "application/json"},
                    auth=session.client_auth(self._provider.client_auth),
                )
                said = answer.json() if answer.content else None
        except requests.RequestException as failed:
            raise SignInFailed(f"pushed_{_kind(failed)}", down=True) from None
        except (ValueError, RecursionError):
            raise SignInFailed("pushed_form", down=True) from None
        if not isinstance(said, dict):
            raise SignInFailed("pushed_form", down=True)
        if answer.status_code not in (200, 201):  # 201 it must be; some say 200 and mean the same
            error = said.get("error")
            known = error if isinstance(error, str) and error in OAUTH_ERRORS else "other"
            raise SignInFailed(f"pushed_{known}", down=True)
        name = said.get("request_uri")
        if not isinstance(name, str) or not name.isascii() or not name.isprintable() or not name:
            raise SignInFailed("pushed_request_uri", down=True)
        return name

    def redeem(self, metadata: Metadata, *, code: str, redirect_uri: str, code_verifier: str) -> Tokens:
        """Exchange the code for tokens. Raises SignInFailed."""
        fields = {"grant_type": "authorization_code", "code": code, "code_verifier": code_verifier}
        with _place(self._places):
            return _tokens(self._ask_for_tokens(metadata, redirect_uri=redirect_uri, **fields))

    def refresh(self, metadata: Metadata, refresh_token: str) -> Refreshed:
        """Use a refresh token. Raises SignInFailed; `token_invalid_grant` means that it counts no more."""
        # No scopes: the provider may have granted fewer than we asked for, and asking for more is an error.
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": ""}
        with _place(self._places_for_refreshes):
            return _refreshed(self._ask_for_tokens(metadata, redirect_uri="", **fields))

    def revoke(self, endpoint: str, refresh_token: str) -> None:
        """Tell the provider that a refresh token is not needed any more (RFC 7009). Raises SignInFailed."""
        fields = {"token": refresh_token, "token_type_hint": "refresh_token"}
        if self._by_key:
            fields["body"] = urlencode({"client_id": self._provider.client_id})
        try:
            with self._session("") as session:
                answer = session.revoke_token(endpoint, **fields)
        except requests.RequestException as error:
            raise SignInFailed(f"revocation_{_kind(error)}", down=True) from None
        if answer.status_code != 200:
            raise SignInFailed(f"revocation_status_{answer.status_code}", down=answer.status_code >= 500)

    def _ask_for_tokens(self, metadata: Metadata, *, redirect_uri: str, **fields: str) -> object:
        extra = {"client_id": self._provider.client_id} if self._by_key else {}
        try:
            with self._session(redirect_uri) as session:
                session.register_compliance_hook("access_token_response", _refuse_bad_status)
                answer: object = session.fetch_token(metadata.token_endpoint, **fields, **extra)
        except AuthlibBaseError as error:
            known = error.error if error.error in OAUTH_ERRORS else "other"
            raise SignInFailed(f"token_{known}", down=known != "invalid_grant") from None
        except requests.RequestException as error:
            raise SignInFailed(f"token_{_kind(error)}", down=True) from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            raise SignInFailed("token_form", down=True) from None
        return answer

    def userinfo(self, metadata: Metadata, access_token: str) -> Mapping[str, object] | str | None:
        """The userinfo answer, not yet judged: claims, or a signed token with them.

        None when the provider has no such endpoint. Raises SignInFailed.
        """
        if metadata.userinfo_endpoint is None:
            return None
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json, application/jwt"}
        try:
            with _place(self._places), outbound.client(**self._reach()) as client:
                answer = client.get(metadata.userinfo_endpoint, headers=headers)
                if answer.status_code != 200:
                    raise SignInFailed(f"userinfo_{answer.status_code}", down=True)
                if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() == SIGNED:
                    return answer.text.strip()
                claims = answer.json()
        except requests.RequestException as error:
            raise SignInFailed(f"userinfo_{_kind(error)}", down=True) from None
        except (ValueError, RecursionError):
            raise SignInFailed("userinfo_form", down=True) from None
        if not isinstance(claims, dict):
            raise SignInFailed("userinfo_form", down=True)
        return claims

    def _session(self, redirect_uri: str | None = None) -> Any:  # Authlib is untyped
        provider = self._provider
        secret = provider.client_secret.get_secret_value() if provider.client_secret else None
        name = provider.client_id
        if provider.client_auth == "client_secret_basic":  # RFC 6749 2.3.1 has both encoded; Authlib sends them bare
            name, secret = quote_plus(name), quote_plus(secret or "")
        options: dict[str, Any] = {
            "client_id": name,
            "client_secret": secret,
            "token_endpoint_auth_method": provider.client_auth,
            "revocation_endpoint_auth_method": provider.client_auth,
            "scope": " ".join(provider.scopes),
            "redirect_uri": redirect_uri,
        }
        session = ProviderSession(**options)
        outbound.fit_out(session, **self._reach())
        if self._by_key:
            session.register_client_auth_method(client_keys.FreshAssertion(provider))
        return session

    def _reach(self) -> dict[str, Any]:
        trusted = {outbound.host_of(self._provider.issuer)}
        return {"allow_loopback": self._loopback, "trusted_hosts": trusted}


@contextmanager
def _place(places: threading.BoundedSemaphore) -> Iterator[None]:
    """One of the places for those who wait for this provider. Raises SignInFailed when all are taken."""
    if not places.acquire(blocking=False):
        raise SignInFailed("provider_busy", down=True)
    try:
        yield
    finally:
        places.release()


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
    given = _refreshed(answer)
    if not given.id_token:
        raise SignInFailed("token_id_token_missing", down=True)
    return Tokens(id_token=given.id_token, access_token=given.access_token, refresh_token=given.refresh_token)


def _refreshed(answer: object) -> Refreshed:
    if not isinstance(answer, dict):
        raise SignInFailed("token_form", down=True)
    access_token, id_token, kind = (answer.get(name) for name in ("access_token", "id_token", "token_type"))
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise SignInFailed("token_type", down=True)
    if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
        raise SignInFailed("token_access_token", down=True)
    if not access_token or not (id_token is None or isinstance(id_token, str)):
        raise SignInFailed("token_id_token_missing", down=True)
    return Refreshed(access_token, id_token, _refresh_token(answer))


def _refresh_token(answer: Mapping[str, object]) -> str | None:
    """The refresh token, when it is one that we can keep and send again (RFC 6749 A.17: printable ASCII)."""
    given = answer.get("refresh_token")
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_REFRESH_TOKEN:
        return None
    return given if given.isascii() and given.isprintable() else None


def _as_json(parameters: Mapping[str, str]) -> dict[str, object]:
    """The parameters as members of a JSON object, where some are no strings (OpenID Connect Core 6.1, RFC 8485 4.1).

    But for `claims`: One Login, for whom alone we send it, takes it as object and as text, its simulator as text only.
    """
    others: dict[str, object] = {
        name: json.loads(parameters[name]) for name in ("max_age", "vtr") if name in parameters
    }
    return {**parameters, **others}


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
