"""Report a problem in the street."""

from portal.kit import Assurance, Card, Retention, Service, Standin
from portal.kit import lazy_gettext as _
from services.reporting import workflow
from services.reporting.demo import all as demo
from services.reporting.operations import asking_offices as _asking  # noqa: F401  # its jobs register
from services.reporting.operations import (
    forgetting,
    guest_talk,
    guests,
    handing_over,
    noting,
    passing_on,
    passing_on_words,
    writing_to_office,
)
from services.reporting.operations.api_key_commands import COMMANDS as KEY_COMMANDS
from services.reporting.operations.stuck_commands import COMMANDS as STUCK_COMMANDS
from services.reporting.queries import about
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views import all as _pages  # noqa: F401  # each page adds itself to the blueprint
from services.reporting.views.blueprint import bp
from services.reporting.views.desk.all import DESK
from services.reporting.views.open311.mount import MOUNT as OPEN311

SERVICE = Service(
    slug="reporting",
    title=_("Problems in the street"),
    summary=_("Report fly-tipping, potholes, street lights, trees, drains and much else."),
    contract="2.1",
    blueprint=bp,
    mounts=(OPEN311,),
    desk=DESK,
    deliveries={passing_on.REPORT: handing_over.send_report, passing_on_words.UPDATE: handing_over.send_update},
    on_delivered=passing_on.note_delivered,
    on_undeliverable=passing_on.note_undeliverable,
    on_returned={
        writing_to_office.TEMPLATE: writing_to_office.note_returned,
        writing_to_office.WORDS: writing_to_office.note_words_returned,
    },
    commands={**KEY_COMMANDS, **STUCK_COMMANDS},
    assurance=Assurance.LOW,
    case_types=workflow.CASE_TYPES,
    teams=workflow.TEAMS,
    for_everyone=(
        Card(
            title=_("Report a problem"),
            text=_("See what you can report and how. You need not sign in for that."),
            url="/services/reporting/guest",
        ),
        Card(
            title=_("See reports near you"),
            text=_("Look around a postcode. You need not sign in."),
            url="/services/reporting/problems/near",
        ),
    ),
    on_move=noting.note_move,
    on_told=guest_talk.tell_guest,
    case_facts=about.case_facts,
    home_cards=about.home_cards,
    acts=workflow.ACTS,
    export=about.everything_about,
    forget=forgetting.forget,
    claim=forgetting.claim,
    retention=(
        Retention(
            what=_("Your name, words and photos on a report, and what others said of it"),
            days=workflow.KEPT_DAYS,
            after=_("the report is closed"),
            basis=_("We need them to answer questions and claims about the street (Highways Act 1980)."),
            tables=("report", "photo", "update", "follower", "inspection"),
            let_go=forgetting.let_go_of_reports,
        ),
        Retention(
            what=_("A report that somebody wrote without an account and never sent"),
            days=guests.GUEST_DAYS,
            after=_("our letter with the link that sends it"),
            basis=_("They asked us to keep it until they confirm their email address."),
            tables=("guest",),
            let_go=guests.let_go_of_guests,
        ),
        Retention(
            what=_("An email address that somebody gave us for news and did not confirm"),
            days=forgetting.UNCONFIRMED_DAYS,
            after=_("our letter with the link that confirms it"),
            basis=_("We need it until they had time to confirm it."),
            tables=("follower", "alert"),
            let_go=forgetting.let_go_of_addresses,
        ),
        Retention(
            what=_("Of which reports and which places you want news"),
            days=0,
            after=_("you stop the news"),
            basis=_("You asked us for it."),
            tables=("follower", "alert", "alert_told"),
        ),
        Retention(
            what=_("What our staff began to write at an inspection and did not send"),
            days=forgetting.INSPECTION_KEPT_DAYS,
            after=_("they kept it for later"),
            basis=_("They need it to finish what they write."),
            tables=("inspection_draft",),
            let_go=forgetting.let_go_of_inspections,
        ),
    ),
    settings=ReportingSettings,
    standin=Standin(create="services.reporting.standin.app:create", url="works_url", token="works_key"),  # noqa: S106  # the name of a field
    demo=demo.load,
    check=about.check,
)
