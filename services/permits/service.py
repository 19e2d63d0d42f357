"""Parking permits: apply, prove, pay, park."""

from portal.kit import Assurance, Card, Payable, Retention, Service, Standin
from portal.kit import lazy_gettext as _
from services.permits import workflow
from services.permits.demo import load
from services.permits.operations import lapsing as _lapsing  # noqa: F401  # its jobs register
from services.permits.operations import still_there as _still_there  # noqa: F401  # its jobs register
from services.permits.operations.deciding import note_move
from services.permits.operations.enforcement_commands import COMMANDS as TOKEN_COMMANDS
from services.permits.operations.forgetting import forget
from services.permits.operations.paying import PAYABLE as PERMIT
from services.permits.operations.permit_forgetting import claim, let_go_of_cars, let_go_of_permits
from services.permits.operations.placing import note_entered
from services.permits.operations.price_commands import COMMANDS as PRICE_COMMANDS
from services.permits.operations.proofs import PROOF_DAYS, let_go_of_proofs
from services.permits.operations.visit_forgetting import (
    NOT_PAID_DAYS,
    let_go_of_invitations,
    let_go_of_unpaid,
    let_go_of_visits,
)
from services.permits.operations.visit_hours import CODE as VISITOR_HOURS
from services.permits.operations.visit_hours import note_not_refunded as note_hours_not_refunded
from services.permits.operations.visit_hours import note_paid as note_hours_paid
from services.permits.operations.visit_hours import note_refunded as note_hours_refunded
from services.permits.operations.zones import COMMANDS as ZONE_COMMANDS
from services.permits.queries.about import everything_about
from services.permits.queries.case_facts import case_facts
from services.permits.queries.health import check
from services.permits.queries.permit_cards import activity, home_cards, permit_days, permit_reminders
from services.permits.queries.visit_purchases import purchase_due
from services.permits.settings import PermitSettings
from services.permits.views import all as _pages  # noqa: F401  # each page adds itself to the blueprint
from services.permits.views.blueprint import bp

SERVICE = Service(
    slug=workflow.SERVICE,
    title=_("Parking permits"),
    summary=_("Apply for a permit, renew or change it, and park your visitors."),
    contract="2.1",
    blueprint=bp,
    assurance=Assurance.LOW,
    case_types=workflow.CASE_TYPES,
    teams=workflow.TEAMS,
    case_facts=case_facts,
    on_move=note_move,
    on_entered=note_entered,
    payables=(
        PERMIT,
        Payable(
            code=VISITOR_HOURS,
            title=_("Visitor parking"),
            account="permits.visitor",
            price=purchase_due,
            on_paid=note_hours_paid,
            on_refunded=note_hours_refunded,
            on_refund_failed=note_hours_not_refunded,
            settled=_("You can start your visitors’ cars now."),
            if_refunded=_(
                "The hours that this money paid for are taken off what the resident has left, unless they are off"
                " already."
            ),
        ),
    ),
    for_everyone=(
        Card(
            title=_("Find out what a permit costs"),
            text=_("You need not sign in, and nothing is kept."),
            url="/services/permits/prices",
        ),
    ),
    home_cards=home_cards,
    activity=activity,
    calendar=permit_days,
    reminders=permit_reminders,
    claim=claim,
    export=everything_about,
    forget=forget,
    retention=(
        Retention(
            what=_("Whose permit it was, for which car and address"),
            days=workflow.KEPT_DAYS,
            after=_("the permit ended"),
            basis=_("We need it to answer questions about penalty charges (Traffic Management Act 2004)."),
            tables=("permit", "permit_slot", "courtesy_car"),
            let_go=let_go_of_permits,
        ),
        Retention(
            what=_("What DVLA told us of a car that has no permit"),
            days=1,
            after=_("we asked"),
            basis=_("We need it to work out a price while somebody applies."),
            tables=("vehicle",),
            let_go=let_go_of_cars,
        ),
        Retention(
            what=_("When your visitors were there, and in which cars"),
            days=workflow.KEPT_DAYS,
            after=_("the visit ended"),
            basis=_("We need it to answer questions about penalty charges (Traffic Management Act 2004)."),
            tables=("visitor_session",),
            let_go=let_go_of_visits,
        ),
        Retention(
            what=_("Hours of visitor parking that you chose and did not pay"),
            days=NOT_PAID_DAYS,
            after=_("you chose them"),
            basis=_("A payment that you began may still come."),
            tables=("visitor_purchase",),
            let_go=let_go_of_unpaid,
        ),
        Retention(
            what=_("How many hours of visitor parking you bought and have left"),
            days=0,
            after=_("your account is closed"),
            basis=_("They are yours to use."),
            tables=("visitor_balance", "visitor_purchase"),
        ),
        Retention(
            what=_("Which businesses you act for"),
            days=0,
            after=_("you leave them or your account is closed"),
            basis=_("We need it to know who may buy and use the business’s permits."),
            tables=("business", "business_member"),
        ),
        Retention(
            what=_("A code that invites somebody to act for a business"),
            days=0,
            after=_("it is used or has run out"),
            basis=_("We need it to let them in."),
            tables=("business_invitation",),
            let_go=let_go_of_invitations,
        ),
        Retention(
            what=_("Documents that you sent as proof"),
            days=PROOF_DAYS,
            after=_("the decision"),
            basis=_("We need them to decide, and to answer when you ask us to look at the decision again."),
            tables=("proof",),
            let_go=let_go_of_proofs,
        ),
    ),
    acts=workflow.ACTS,
    commands={**TOKEN_COMMANDS, **PRICE_COMMANDS, **ZONE_COMMANDS},
    settings=PermitSettings,
    demo=load,
    standin=Standin(create="services.permits.standin.app:create", url="dvla_url", token="dvla_key"),  # noqa: S106  # the name of a field
    check=check,
)
