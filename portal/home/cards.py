"""Every service's part of home."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portal.accounts.values import Account
from portal.home.asking import Asked, ask_all
from portal.kit.manifest import Service
from portal.kit.values import Activity, Card
from portal.registry.discovery import Mounted
from portal.web.fault_log import told

logger = logging.getLogger(__name__)
LATE_SECONDS: Final = 8.0
"""How long the page waits for a late service when script asks for it again, with the rest of the page in view."""
Part = tuple[Sequence[Card], Sequence[Activity]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One service's part of home.

    With `problem` it did not answer, and `cards` are what was known before, if anything. `late`: it may in a moment.
    """

    slug: str
    title: str
    summary: str
    cards: Sequence[Card] = ()
    activity: Sequence[Activity] = ()
    problem: bool = False
    late: bool = False
    off_because: str = ""
    url: str = ""
    """Its front page, where that is not the service's own address here."""
    site: str = ""
    """The other site that all its links lead to: see `portal.home.linked`."""

    @property
    def as_of_at(self) -> datetime | None:
        """The time of the oldest card that is not of now."""
        return min((card.as_of_at for card in self.cards if card.as_of_at), default=None)


def ask_for_cards(services: Sequence[Mounted], account: Account, off: Mapping[str, str]) -> list[Answer]:
    """What every service has for this resident's home."""
    return [_answer(asked, account) for asked in ask_all(services, account, off, _part)]


def ask_again(service: Mounted, account: Account, off: Mapping[str, str]) -> Answer:
    """What one service that was late has for home after all."""
    return _answer(ask_all([service], account, off, _part, seconds=LATE_SECONDS)[0], account)


def plain(kind: Callable[..., Any], value: Any) -> Any:  # whatever a service gave
    """Refuse a wrong answer here, where it costs one service, and not in the template, where it costs the page."""
    if not isinstance(value, kind):  # type: ignore[arg-type]  # the manifest's values are classes
        raise TypeError(f"expected {kind}, not {type(value)}")
    return value


def _part(service: Service, account: Account) -> Part:
    cards = [plain(Card, card) for card in service.home_cards(account)]
    return cards, [plain(Activity, item) for item in service.activity(account)]


def _answer(asked: Asked[Part], account: Account) -> Answer:
    service = asked.service
    cards, activity = asked.answer or (_last_cards(service, account) if asked.problem else (), ())
    return Answer(
        service.slug,
        str(service.title),
        str(service.summary),
        cards,
        activity,
        problem=asked.problem,
        late=asked.late,
        off_because=asked.off_because,
    )


def _last_cards(service: Service, account: Account) -> Sequence[Card]:
    try:
        return [plain(Card, card) for card in service.last_cards(account)]
    except Exception as error:  # noqa: BLE001  # a service that fails twice costs its card, not the page
        logger.error("service failed: %s\n%s", service.slug, told(error))
        return ()
