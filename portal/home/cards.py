"""Every service's part of home."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.accounts.values import Account
from portal.home.asking import Asked, ask_all
from portal.kit.manifest import Activity, Card, Service
from portal.registry.discovery import Mounted

Part = tuple[Sequence[Card], Sequence[Activity]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One service's part of home. `problem` is set instead of cards when it did not answer."""

    slug: str
    title: str
    summary: str
    cards: Sequence[Card] = ()
    activity: Sequence[Activity] = ()
    problem: bool = False
    off_because: str = ""


def ask_for_cards(services: Sequence[Mounted], account: Account, off: Mapping[str, str]) -> list[Answer]:
    """What every service has for this resident's home."""
    return [_answer(asked) for asked in ask_all(services, account, off, _part)]


def plain(kind: Callable[..., Any], value: Any) -> Any:  # whatever a service gave
    """Refuse a wrong answer here, where it costs one service, and not in the template, where it costs the page."""
    if not isinstance(value, kind):  # type: ignore[arg-type]  # the manifest's values are classes
        raise TypeError(f"expected {kind}, not {type(value)}")
    return value


def _part(service: Service, account: Account) -> Part:
    cards = [plain(Card, card) for card in service.home_cards(account)]
    return cards, [plain(Activity, item) for item in service.activity(account)]


def _answer(asked: Asked[Part]) -> Answer:
    service = asked.service
    cards, activity = asked.answer or ((), ())
    return Answer(
        service.slug,
        str(service.title),
        str(service.summary),
        cards,
        activity,
        problem=asked.problem,
        off_because=asked.off_because,
    )
