"""Register what other programs call."""

from flask import Flask

from portal.api import payments, receipts


def install(app: Flask) -> None:
    """Notify's delivery receipts, and what GOV.UK Pay says of payments."""
    app.register_blueprint(receipts.bp)
    app.register_blueprint(payments.bp)
