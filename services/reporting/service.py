"""Report a problem in the street."""

from portal.kit import Assurance, Retention, Service
from portal.kit import lazy_gettext as _
from services.reporting import demo, operations, queries, workflow
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views import all as _pages  # noqa: F401  # each page adds itself to the blueprint
from services.reporting.views.blueprint import bp

SERVICE = Service(
    slug="reporting",
    title=_("Problems in the street"),
    summary=_("Report fly-tipping, potholes, street lights, graffiti or a street that was not swept."),
    contract="2.0",
    blueprint=bp,
    assurance=Assurance.LOW,
    case_types=workflow.CASE_TYPES,
    teams=workflow.TEAMS,
    on_move=operations.note_move,
    case_facts=queries.case_facts,
    home_cards=queries.home_cards,
    export=queries.everything_about,
    forget=operations.forget,
    claim=operations.claim,
    retention=(
        Retention(
            what=_("Your name, words and photo on a report"),
            days=workflow.KEPT_DAYS,
            after=_("the report is closed"),
            basis=_("We need them to answer questions and claims about the street (Highways Act 1980)."),
        ),
    ),
    settings=ReportingSettings,
    demo=demo.load,
    check=queries.check,
)
