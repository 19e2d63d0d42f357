"""The `claims` parameter (OpenID Connect Core 5.5): claims asked for one by one, beside those of the scopes."""

import json
from dataclasses import dataclass
from typing import Any

from portal.provider.claims import CLAIMS
from portal.provider.vocabulary import VOCABULARY

ID_TOKEN_ONLY = ("acr", "sub")
MEMBERS = ("userinfo", "id_token")
KNOWN = (*CLAIMS, *VOCABULARY)
"""The vocabulary is granted in the shape of One Login alone, as no scope opens it."""


@dataclass(frozen=True, slots=True)
class ClaimsAsked:
    """What the parameter asks for, of what we know. Everything else in it is ignored, as the protocol has it."""

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    sub: str | None = None
    """The one person who will do."""
    acr: tuple[str, ...] = ()
    acr_is_essential: bool = False

    @property
    def names(self) -> set[str]:
        """Every claim asked for by name, wherever it shall stand."""
        return {*self.userinfo, *self.id_token}


def read(text: str) -> ClaimsAsked:
    """Read the parameter. Raises ValueError when it is not of the form that the protocol gives it."""
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    userinfo, id_token = (_member(content, name) for name in MEMBERS)
    acr = id_token.get("acr") or {}
    subjects = {str(_one(each.get("sub") or {})) for each in (userinfo, id_token)} - {"None"}
    if len(subjects) > 1:
        raise ValueError("two different subjects")
    return ClaimsAsked(
        userinfo=_ours(userinfo),
        id_token=_ours(id_token),
        sub=subjects.pop() if subjects else None,
        acr=tuple(_several(acr)),
        acr_is_essential=acr.get("essential") is True,
    )


def short(asked: ClaimsAsked) -> str:
    """The same as short text that `read` understands, without what we ignore: it is carried from page to page."""
    id_token: dict[str, Any] = dict.fromkeys(asked.id_token)
    if asked.sub is not None:
        id_token["sub"] = {"value": asked.sub}
    if asked.acr:
        id_token["acr"] = {"values": asked.acr, "essential": asked.acr_is_essential}
    members = {"userinfo": dict.fromkeys(asked.userinfo), "id_token": id_token}
    return json.dumps({name: member for name, member in members.items() if member}, separators=(",", ":"))


def _member(content: object, name: str) -> dict[str, Any]:
    """One of the two members; every claim in it is null or an object."""
    if not isinstance(content, dict):
        raise ValueError("not an object")  # not TypeError: a stranger's faults are all of one kind
    member = {} if content.get(name) is None else content[name]
    if not isinstance(member, dict) or not all(each is None or isinstance(each, dict) for each in member.values()):
        raise ValueError(f"{name} is not an object of objects")
    return member


def _ours(member: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in KNOWN if name in member and name != "sub")


def _one(request: dict[str, Any]) -> str | None:
    values = _several(request)
    if len(values) > 1:
        raise ValueError("more than one value")
    return values[0] if values else None


def _several(request: dict[str, Any]) -> list[str]:
    values = request.get("values", [request["value"]] if "value" in request else [])
    if not isinstance(values, list) or not all(isinstance(each, str) and len(each) <= 200 for each in values):
        raise ValueError("values that are no strings")
    return values
