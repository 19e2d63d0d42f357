"""GOV.UK Notify played by us, for demos and tests: reached over HTTP only, with a memory of its own."""

from typing import Final

from flask import Flask

from portal.db import session as database
from portal.notify.standin import api, panel, store
from portal.settings.portal import Settings
from portal.standins.faulty import StandinSays, with_faults
from portal.web import setup
from portal.web.languages import lazy_gettext as _

BUSY: Final = "Exceeded rate limit for key type TEST of 3000 requests per 60 seconds"
SAYS: Final = {
    "busy": StandinSays(429, body={"status_code": 429, "errors": [{"error": "RateLimitError", "message": BUSY}]}),
    "unsaid": StandinSays(
        500, body={"status_code": 500, "errors": [{"error": "Exception", "message": "Internal server error"}]}
    ),
}
"""As Notify says it."""


def create_standin(settings: Settings) -> Flask:
    """The stand-in as an application of its own, at `settings.notify.base_url`. It knows the key that we use."""
    app = Flask(__name__, static_folder=None)
    database.install(app, settings.database_url)
    setup.install(app, settings, name="moothall_notify", address=settings.notify.base_url)
    app.register_blueprint(api.bp)
    app.register_blueprint(panel.bp)
    setup.compile_templates(app)
    with app.app_context():
        store.make_tables()
        database.dispose()  # the web server parts into processes after this
    title = _("Stand-in for GOV.UK Notify")
    return with_faults(app, settings.database_url, name="notify", title=title, calls=("/v2/",), says=SAYS)
