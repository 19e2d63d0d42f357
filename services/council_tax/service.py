"""Council tax: the account, its bills and payments, and whatever changes them."""

from portal.kit import Assurance, Payable, Retention, Service, Standin
from portal.kit import lazy_gettext as _
from services.council_tax import workflow
from services.council_tax.demo import load
from services.council_tax.operations import card_payments
from services.council_tax.operations import looking_ahead as _looking_ahead  # noqa: F401  # its jobs register
from services.council_tax.operations.asking import ACT, send_change
from services.council_tax.operations.forgetting import claim, forget, let_go_of_changes, let_go_of_payments
from services.council_tax.operations.settling import note_delivered, note_move, note_undeliverable
from services.council_tax.queries.about import everything_about
from services.council_tax.queries.asked import case_facts
from services.council_tax.queries.card_payments import CODE, price
from services.council_tax.queries.cards import home_cards, last_cards
from services.council_tax.queries.days import calendar, reminders
from services.council_tax.queries.joining import KIND
from services.council_tax.queries.proofs import address_proofs
from services.council_tax.queries.system_health import check
from services.council_tax.settings import CouncilTaxSettings
from services.council_tax.views import all as _pages  # noqa: F401  # each page adds itself to the blueprint
from services.council_tax.views.blueprint import bp

SERVICE = Service(
    slug="council_tax",
    title=_("Council tax"),
    summary=_("See your bills and payments, tell us of a change, and pay less if you may."),
    contract="2.1",
    blueprint=bp,
    assurance=Assurance.LOW,
    case_types=workflow.CASE_TYPES,
    teams=workflow.TEAMS,
    case_facts=case_facts,
    on_move=note_move,
    deliveries={ACT: send_change, **card_payments.DELIVERIES},
    on_delivered=note_delivered,
    on_undeliverable=note_undeliverable,
    payables=(
        Payable(
            code=CODE,
            title=_("Council tax"),
            account="council_tax",
            price=price,
            on_paid=card_payments.note_paid,
            on_refunded=card_payments.note_refunded,
            settled=_("It is on your council tax account within some minutes."),
            if_refunded=_("The council tax system is told, and so much is owed on the account again."),
        ),
    ),
    claim=claim,
    proofs=address_proofs,
    records=(KIND,),
    home_cards=home_cards,
    last_cards=last_cards,
    calendar=calendar,
    reminders=reminders,
    export=everything_about,
    forget=forget,
    retention=(
        Retention(
            what=_("What you asked us to change in your council tax"),
            days=workflow.KEPT_DAYS,
            after=_("we dealt with it"),
            basis=_("We need it to answer questions about bills of earlier years (Limitation Act 1980)."),
            tables=("asked_change",),
            let_go=let_go_of_changes,
        ),
        Retention(
            what=_("What you paid towards your council tax by card"),
            days=workflow.KEPT_DAYS,
            after=_("it was put on your council tax account"),
            basis=_("We need it to answer questions about payments (Limitation Act 1980)."),
            tables=("card_payment",),
            let_go=let_go_of_payments,
        ),
        Retention(
            what=_("The days of your account of which we remind you"),
            days=1,
            after=_("we asked the council tax system, each night anew"),
            basis=_("We need them to write to you in time."),
            tables=("day_ahead",),
        ),
    ),
    settings=CouncilTaxSettings,
    demo=load,
    standin=Standin(create="services.council_tax.standin.app:create"),
    check=check,
)
