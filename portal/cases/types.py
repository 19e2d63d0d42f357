"""The case types of this application: what each service has declared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from portal.cases.declared import CaseType, Status
from portal.cases.talk_values import Task
from portal.cases.values import Case, CaseEvent, Fact
from portal.errors import SetupError

EXTENSION = "moothall.case_types"
HOOKS = "moothall.case_hooks"
TEAMS = "moothall.case_teams"


def do_nothing(_case: Case, _event: CaseEvent) -> None:
    """For services that keep nothing of their own by the state of a case."""


def no_task_awaited(_case: Case, _task: Task) -> None:
    """For services that do nothing by themselves once a resident has done what was asked."""


def nothing_entered(_case: Case, _form: str, _answers: Mapping[str, Any], _actor: str) -> None:  # plain JSON
    """For services whose staff enter nothing."""


def nothing_told(_case: Case, _kind: str) -> None:
    """For services that reach nobody by themselves."""


def no_facts(_case: Case) -> Sequence[Fact]:
    """For services whose cases say all by their summary."""
    return ()


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a service does about its cases, besides declaring their types."""

    on_move: Callable[[Case, CaseEvent], None] = do_nothing
    case_facts: Callable[[Case], Sequence[Fact]] = no_facts
    on_task_done: Callable[[Case, Task], None] = no_task_awaited
    on_entered: Callable[[Case, str, Mapping[str, Any], str], None] = nothing_entered  # plain JSON
    on_told: Callable[[Case, str], None] = nothing_told


def add(app: Flask, service: str, declared: Iterable[CaseType]) -> None:
    """Take in a service's case types. Raises SetupError when one bears another service's name, or comes twice."""
    known: dict[tuple[str, str], CaseType] = app.extensions.setdefault(EXTENSION, {})
    for each in declared:
        if each.service != service:
            raise SetupError(
                f"The service {service} cannot start: its case type `{each.slug}` says `service={each.service!r}`."
            )
        if (service, each.slug) in known:
            raise SetupError(f"The service {service} cannot start: it has two case types called `{each.slug}`.")
        known[service, each.slug] = each


def add_hooks(app: Flask, service: str, hooks: Hooks) -> None:
    """Take in what a service does about its cases."""
    app.extensions.setdefault(HOOKS, {})[service] = hooks


def add_teams(app: Flask, teams: Mapping[str, object]) -> None:
    """Take in the teams that a service's cases are for, by slug, each with what turns into its title."""
    app.extensions.setdefault(TEAMS, {}).update(teams)


def declared_teams() -> Mapping[str, object]:
    """The teams that services have declared, by slug, with their titles."""
    found: dict[str, object] = current_app.extensions.get(TEAMS, {})
    return found


def tell_service(case: Case, event: CaseEvent) -> None:
    """Let the case's service follow a change of its status, in the same transaction."""
    _hooks(case).on_move(case, event)


def tell_task_done(case: Case, task: Task) -> None:
    """Let the case's service take up what the resident has done, in the same transaction."""
    _hooks(case).on_task_done(case, task)


def tell_entered(case: Case, form: str, answers: Mapping[str, Any], *, actor: str) -> None:  # plain JSON
    """Let the case's service take what staff have entered, in the same transaction. Raises Refused where it says so."""
    _hooks(case).on_entered(case, form, answers, actor)


def tell_unclaimed(case: Case, kind: str) -> None:
    """Let the case's service tell a resident whom the portal cannot reach, in the same transaction."""
    _hooks(case).on_told(case, kind)


def facts_of(case: Case) -> Sequence[Fact]:
    """What was sent, in the words of the case's service; nothing when the service is gone."""
    return _hooks(case).case_facts(case)


def _hooks(case: Case) -> Hooks:
    found: Hooks = current_app.extensions.get(HOOKS, {}).get(case.service, Hooks())
    return found


def all_types() -> Sequence[CaseType]:
    """Every case type that a service here has declared, by service and slug."""
    known: dict[tuple[str, str], CaseType] = current_app.extensions.get(EXTENSION, {})
    return [known[key] for key in sorted(known)]


def find_type(service: str, slug: str) -> CaseType | None:
    """The case type, or None: a case outlives the service that took it."""
    found: CaseType | None = current_app.extensions.get(EXTENSION, {}).get((service, slug))
    return found


def find_status(service: str, slug: str, code: str) -> Status | None:
    """What a status of that case type means, if anybody still knows."""
    case_type = find_type(service, slug)
    return case_type.find_status(code) if case_type else None
