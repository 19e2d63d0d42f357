"""Settings for applications under test."""

from typing import Any

from pydantic import SecretStr

from portal.settings.letters import Mail
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from portal.settings.reading import load_settings

ISSUER = "http://127.0.0.1:9/id"
PROVIDER = Provider(issuer=ISSUER, client_id="portal", client_secret=SecretStr("not-a-secret-in-tests-only"))

MAIL = Mail(host="127.0.0.1", port=9)
"""A mail server that is not there: what is written waits."""


def settings_for(database_url: str, **changes: Any) -> Settings:
    """Settings of a portal on loopback with one provider, at which nobody listens. The environment is left out."""
    values: dict[str, Any] = {
        "public_url": "http://localhost",
        "database_url": database_url,
        "secret_key": "tests-tests-tests-tests-tests-tests",
        "providers": {"moothall": PROVIDER},
        "files_url": "memory://",
        "council": {"payment_hosts": ["pay.example"]},
    }
    if not changes.get("demo"):
        values["mail"] = MAIL
    return load_settings({}, **(values | changes))
