"""Register what other programs call."""

from flask import Flask

from portal.api import link_out_calls, link_outs, payments, receipts

VIEWS = (link_outs,)
"""The rooms of a blueprint: importing them is what adds their views to it."""


def install(app: Flask) -> None:
    """Notify's delivery receipts, what GOV.UK Pay says of payments, and what remote applications send."""
    app.register_blueprint(receipts.bp)
    app.register_blueprint(payments.bp)
    link_out_calls.install(app)
