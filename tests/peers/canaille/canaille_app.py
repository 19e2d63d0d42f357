"""canaille as a provider: one person, one client. Run by the Python of its own environment.

One argument: JSON with `port`, `password`, `client` and perhaps `database`, without which everything is in memory.
"""

import datetime
import json
import logging
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey


def main() -> None:
    """Serve until stopped."""
    given = json.loads(sys.argv[1])
    # One key that names no algorithm, so that the client's own choice of algorithm is the one that counts.
    keys = [RSAKey.generate_key(2048, {"use": "sig", "kid": "peer"}, private=True).as_dict(private=True)]
    store = {"CANAILLE_SQL": {"DATABASE_URI": given["database"]}} if "database" in given else {}
    app = create_app(
        {
            "SECRET_KEY": "a-key-of-a-test-only",
            "SERVER_NAME": f"127.0.0.1:{given['port']}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {
                "DATABASE": "sql" if store else "memory",
                "JAVASCRIPT": False,
                "HTMX": False,
                "CAPTCHA_ENABLED": False,
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": keys, "TRUSTED_DOMAINS": ["localhost"]},
            **store,
        }
    )
    with app.app_context():
        backend = Backend.instance
        person = models.User(
            user_name="priya",
            formatted_name="Priya Shah",
            given_name="Priya",
            family_name="Shah",
            emails=["priya@example.org"],
            password=given["password"],
        )
        backend.save(person)
        client = models.Client(client_id_issued_at=datetime.datetime.now(datetime.UTC), **given["client"])
        backend.save(client)
        client.audience = [client]  # its own pages set this; without it, tokens are made out to nobody
        backend.save(client)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run("127.0.0.1", given["port"], threaded=True)


main()
