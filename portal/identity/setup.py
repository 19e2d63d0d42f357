"""Set the portal up for signing in."""

from flask import Flask

from portal.identity import (
    back_channel,
    callback,
    client_keys,
    guard,
    held_posts,
    initiation,
    jwks,
    linking,
    not_me,
    proof,
    proving,
    relying_party,
    sign_ins,
    step_up,
    time_left,
)
from portal.identity.leaving import bp as pages
from portal.settings.portal import Settings
from portal.web.languages import lazy_gettext as _
from portal.web.page import offer


def install(app: Flask, settings: Settings) -> None:
    """Pages of signing in and out, and the gate before every view. No provider is asked for anything yet.

    Raises SetupError when a provider's key file cannot be used.
    """
    client_keys.install(app, settings)
    relying_party.install(app, settings)
    guard.install(app, settings)
    app.register_blueprint(pages)
    app.register_blueprint(back_channel.bp)
    app.register_blueprint(callback.bp)
    app.register_blueprint(jwks.bp)
    app.register_blueprint(initiation.bp)
    app.register_blueprint(step_up.bp)
    app.register_blueprint(sign_ins.bp)
    app.register_blueprint(not_me.bp)
    app.register_blueprint(time_left.bp)
    app.register_blueprint(held_posts.bp)
    app.register_blueprint(linking.bp)
    app.register_blueprint(proving.bp)
    app.register_blueprint(proof.bp)

    offer(app, _("Sign in"), "identity.sign_in", for_signed_in=False)
    offer(app, _("Sign out"), "identity.sign_out", for_signed_in=True, by_post=True)
