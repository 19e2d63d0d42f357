"""A service that tests make fail: set `behave` to a function that raises or waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from portal.kit import Account, Card, Retention, Service
from tests.support.services.libraries import views


def well(_account: Account) -> Sequence[Card]:
    """One ordinary card."""
    return [Card(title="2 books", text="Due back on Friday.", url="/services/libraries/")]


def nothing(_account: Account) -> Sequence[Card]:
    """No cards."""
    return []


@dataclass
class Behaviour:
    """What the service does when home asks it."""

    cards: Callable[[Account], Sequence[Card]] = field(default=well)
    last_cards: Callable[[Account], Sequence[Card]] = field(default=nothing)


behave = Behaviour()

SERVICE = Service(
    slug="libraries",
    title="Libraries",
    summary="Borrow, renew and reserve.",
    contract="2.0",
    blueprint=views.bp,
    home_cards=lambda account: behave.cards(account),
    last_cards=lambda account: behave.last_cards(account),
    export=lambda account: {},
    forget=lambda account: None,
    retention=[Retention(what="Nothing", days=1, after="now", basis="it keeps no tables")],
)
