"""Register what other programs call."""

from flask import Flask

from portal.api import receipts


def install(app: Flask) -> None:
    """Notify's delivery receipts."""
    app.register_blueprint(receipts.bp)
