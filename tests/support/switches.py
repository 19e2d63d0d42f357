"""Services that are switched off."""

from flask import Flask

from portal.db.session import session
from portal.registry.switches import switch_off


def switched_off(app: Flask, slug: str) -> None:
    """Switch a service off, as an operator does."""
    with app.test_request_context("/"):
        switch_off(slug, actor="system:tests")
        session().commit()
