"""Link-outs among the services: what remote applications have sent, shown from our own tables. Nobody is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from portal.accounts.values import Account
from portal.cases.to_do import ToDo
from portal.home.cards import Answer
from portal.home.recent import Recent
from portal.kit.values import Activity, Card
from portal.linkouts.queries import link_outs, shown_to
from portal.linkouts.values import Item, LinkOut, Shown, in_language
from portal.web.languages import current_language


@dataclass(frozen=True, slots=True)
class LinkedTask:
    """Something to do on another site. It stands in one list with `ToDo`."""

    id: str
    title: str
    due_on: date | None
    url: str
    service: str
    site: str
    what: Literal["linked"] = "linked"

    def is_overdue(self, today: date) -> bool:
        """Whether its day has gone by."""
        return self.due_on is not None and self.due_on < today


def for_everyone(off: Mapping[str, str]) -> list[Answer]:
    """Every application, for the front page."""
    return [_answer(Shown(each), off) for each in link_outs()]


def linked(account: Account, off: Mapping[str, str]) -> tuple[list[Answer], list[LinkedTask]]:
    """Every application's part of this resident's home, and what they ask of them, in one query."""
    found = shown_to(account.id)
    tasks = [
        _task(each.link_out, item) for each in found if each.link_out.switch not in off for item in each.of("task")
    ]
    return [_answer(each, off) for each in found], tasks


def most_urgent(ours: Sequence[ToDo], theirs: Sequence[LinkedTask]) -> list[ToDo | LinkedTask]:
    """Both in one list: those with a day first, by their day."""
    return sorted([*ours, *theirs], key=lambda each: (each.due_on is None, each.due_on or date.max, str(each.id)))


def lines_between(answers: Sequence[Answer], *, since: datetime | None, before: datetime | None) -> list[Recent]:
    """What happened on other sites, from `since` on and before `before`."""
    return [
        Recent(item.at, item.title, answer.title, item.url)
        for answer in answers
        for item in answer.activity
        if (since is None or item.at >= since) and (before is None or item.at < before)
    ]


def _answer(shown: Shown, off: Mapping[str, str]) -> Answer:
    link_out, language = shown.link_out, current_language()
    is_off = link_out.switch in off
    return Answer(
        link_out.switch,
        link_out.called(language),
        link_out.described(language),
        () if is_off else [_card(item, language) for item in shown.of("card")],
        () if is_off else [_activity(item, language) for item in shown.of("activity")],
        off_because=off.get(link_out.switch, ""),
        url=link_out.url,
        site=link_out.site,
    )


def _card(item: Item, language: str) -> Card:
    return Card(
        title=in_language(language, item.title, item.title_cy),
        text=in_language(language, item.text, item.text_cy),
        url=item.url,
        tag=in_language(language, item.tag, item.tag_cy),
        tag_colour=item.tag_colour,
        action_needed=item.action_needed,
        as_of_at=item.at,
    )


def _activity(item: Item, language: str) -> Activity:
    return Activity(at=item.at, title=in_language(language, item.title, item.title_cy), url=item.url)


def _task(link_out: LinkOut, item: Item) -> LinkedTask:
    language = current_language()
    title = in_language(language, item.title, item.title_cy)
    return LinkedTask(
        f"{link_out.slug} {item.key}", title, item.due_on, item.url, link_out.called(language), link_out.site
    )
