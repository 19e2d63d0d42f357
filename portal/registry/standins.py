"""Back offices played by us: where a service's stand-in is, which settings lead there, and whether they do."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import cast
from wsgiref.types import WSGIApplication

from flask import Flask
from pydantic import SecretStr

from portal.errors import SetupError
from portal.kit.derived import settings_key
from portal.registry.discovery import Mounted
from portal.settings.portal import Settings

Create = Callable[[str, str, str], WSGIApplication]


def path_of(slug: str) -> str:
    """Where the stand-in of a service is mounted, beside the portal."""
    return f"/standin/{slug}"


def environment_for(
    services: Iterable[Mounted], public_url: str, given: Mapping[str, str], secret: Callable[[str], str]
) -> Mapping[str, str]:
    """The settings that lead each service to its stand-in. A service whose back office is `given` is left alone.

    `secret` gives the secret that a name stands for: the service shows it, the stand-in knows it.
    """
    found: dict[str, str] = {}
    for each in services:
        if each.service.standin is None:
            continue
        prefix = f"MOOTHALL_{each.slug.upper()}_"
        url, token = (f"{prefix}{name.upper()}" for name in (each.service.standin.url, each.service.standin.token))
        if url not in given and token not in given:
            found |= {url: f"{public_url}{path_of(each.slug)}", token: secret(f"{each.slug}-standin-secret")}
    return found


def played_beside(app: Flask, services: Iterable[Mounted], settings: Settings) -> Mapping[str, WSGIApplication]:
    """The stand-ins to which the settings lead, by path. Never any outside the demo. Raises SetupError."""
    return {path_of(each.slug): _made(app, each, settings) for each in services if address_of(app, each, settings)}


def address_of(app: Flask, each: Mounted, settings: Settings) -> str | None:
    """Where the stand-in of a service is, if the settings lead to it: in the demo alone."""
    address = f"{settings.public_url}{path_of(each.slug)}"
    return address if settings.demo and _setting(app, each, "url") == address else None


def _made(app: Flask, each: Mounted, settings: Settings) -> WSGIApplication:
    assert each.service.standin is not None
    module, _, name = each.service.standin.create.partition(":")
    try:
        create = cast(Create, getattr(import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise SetupError(f"The service in {each.package} has no stand-in at {module}:{name} ({error}).") from None
    return create(settings.database_url, f"{settings.public_url}{path_of(each.slug)}", _setting(app, each, "token"))


def _setting(app: Flask, each: Mounted, which: str) -> str:
    """What the service's settings say of its back office: its `url` or its `token`, by the manifest's names."""
    if each.service.standin is None:
        return ""
    value = getattr(app.extensions[settings_key(each.slug)], getattr(each.service.standin, which))
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
