"""A small well-behaved service: cards and activity of its own, no tables."""

from collections.abc import Sequence
from datetime import timedelta

from portal.kit import Account, Activity, Card, Retention, Service, clock
from tests.support.services.allotments import views


def home_cards(_account: Account) -> Sequence[Card]:
    """Two cards."""
    return [
        Card(
            title="Plot 12",
            text="Rent is paid until March.",
            url="/services/allotments/",
            tag="Paid",
            tag_colour="green",
        ),
        Card(title="Waiting list", text="You are number 4.", url="/services/allotments/"),
    ]


def activity(_account: Account) -> Sequence[Activity]:
    """One line that is not in the ledger."""
    return [Activity(at=clock.now() - timedelta(days=2), title="You paid your rent", url="/services/allotments/")]


SERVICE = Service(
    slug="allotments",
    title="Allotments",
    summary="Rent a plot and pay for it.",
    contract="2.0",
    freshness=timedelta(hours=2),
    blueprint=views.bp,
    home_cards=home_cards,
    activity=activity,
    export=lambda account: {},
    forget=lambda account: None,
    retention=[Retention(what="Nothing", days=1, after="now", basis="it keeps no tables")],
)
