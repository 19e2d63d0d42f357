"""Council tax: the account, its bills and payments, and whatever changes them."""

from portal.kit import Assurance, Retention, Service
from portal.kit import lazy_gettext as _
from services.council_tax.operations.forgetting import forget
from services.council_tax.queries.about import everything_about
from services.council_tax.settings import CouncilTaxSettings
from services.council_tax.views import all as _pages  # noqa: F401  # each page adds itself to the blueprint
from services.council_tax.views.blueprint import bp

SERVICE = Service(
    slug="council_tax",
    title=_("Council tax"),
    summary=_("See your bills and payments, tell us of a change, and pay less if you may."),
    contract="2.0",
    blueprint=bp,
    assurance=Assurance.LOW,
    export=everything_about,
    forget=forget,
    retention=(
        Retention(
            what=_("What you asked us to change in your council tax"),
            days=6 * 365,
            after=_("we dealt with it"),
            basis=_("We need it to answer questions about bills of earlier years (Limitation Act 1980)."),
        ),
    ),
    settings=CouncilTaxSettings,
)
