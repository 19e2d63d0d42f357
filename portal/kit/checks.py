"""Whether a manifest keeps the contract: what is wrong with one stops the start, in a sentence."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import Blueprint

from portal.cases.declared import CaseType
from portal.errors import SetupError
from portal.identity.assurance import SHORTEST_FRESHNESS, Assurance
from portal.joining.values import RecordKind
from portal.kit.at_desk import fault_of_desk
from portal.kit.manifest import Service
from portal.kit.mounting import Mount, fault_of
from portal.kit.settings import ServiceSettings
from portal.kit.values import Card, Command, Retention, Sample, Standin, Story
from portal.kit.versions import CONTRACT, parts, to_change_since
from portal.payments.values import Payable

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_SLUG = 40
NAME = re.compile(r"[a-z]+(-[a-z]+)*")
FUNCTION = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*:[a-z_][a-z0-9_]*")
RESERVED = frozenset(
    {"portal", "provider", "jobs", "public", "information_schema", "tasks", "signatures", "payments", "reminders"}
)


class BadManifest(SetupError):
    """A manifest that cannot be used. The sentence names the service and the field."""

    def __init__(self, where: str, name: str, complaint: str) -> None:
        super().__init__(f"The service in {where} cannot start: `{name}` {complaint}.")


def check_manifest(service: object, where: str) -> Service:
    """The manifest itself if it keeps the contract. Raises BadManifest for its first fault.

    `where` is the package that it was found in; its last part must be the slug.
    """
    if not isinstance(service, Service):
        raise BadManifest(where, "SERVICE", f"must be a portal.kit.Service, not {type(service).__name__}")
    _check_slug(service.slug, where)
    check_contract(service.contract, where)
    for name in ("title", "summary"):
        if not str(getattr(service, name)).strip():
            raise BadManifest(where, name, "must not be empty")
    if not isinstance(service.blueprint, Blueprint):
        raise BadManifest(where, "blueprint", "must be made with portal.kit.service_blueprint(__name__)")
    if service.blueprint.name != service.slug or service.blueprint.url_prefix:
        raise BadManifest(where, "blueprint", f"must be named `{service.slug}` and have no URL prefix of its own")
    if not isinstance(service.assurance, Assurance):
        raise BadManifest(where, "assurance", "must be a portal.kit.Assurance")
    _check_freshness(service.freshness, where)
    _check_callables(service, where)
    _check_parts(service, where)
    return service


def _check_slug(slug: object, where: str) -> None:
    if not isinstance(slug, str) or not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise BadManifest(where, "slug", "must be lower-case letters, digits and single underscores, at most 40")
    if slug in RESERVED or slug.startswith("pg_"):
        raise BadManifest(where, "slug", f"must not be `{slug}`, which the portal uses itself")
    if where.rpartition(".")[2] != slug:
        raise BadManifest(where, "slug", f"is `{slug}`, but the folder has another name; make them the same")


def check_contract(contract: object, where: str) -> None:
    """Raises BadManifest for any but the portal's own major version, and says what a service made for it changes."""
    if not isinstance(contract, str) or not re.fullmatch(r"\d{1,3}\.\d{1,3}", contract):
        raise BadManifest(where, "contract", f'must be a version such as "{CONTRACT}"')
    wanted, ours = parts(contract), parts(CONTRACT)
    keeps = f"is {contract} and this portal keeps {CONTRACT}"
    if wanted > ours:
        raise BadManifest(where, "contract", f"{keeps}; upgrade the portal")
    if wanted[0] < ours[0]:
        orders = "".join(f"\n- {order}" for order in to_change_since(contract))
        raise BadManifest(where, "contract", f'{keeps}. Change this, and say contract="{CONTRACT}":{orders}')


def _check_freshness(freshness: object, where: str) -> None:
    if freshness is None:
        return
    if not isinstance(freshness, timedelta) or freshness < SHORTEST_FRESHNESS:
        raise BadManifest(where, "freshness", "must be a timedelta of at least a minute, or None")


def _check_callables(service: Service, where: str) -> None:
    for name in (
        "export",
        "forget",
        "home_cards",
        "last_cards",
        "activity",
        "calendar",
        "reminders",
        "check",
        "claim",
        "case_facts",
        "on_move",
        "on_task_done",
        "on_entered",
        "on_told",
        "proofs",
        "on_delivered",
        "on_undeliverable",
    ):
        if not callable(getattr(service, name)):
            raise BadManifest(where, name, "must be a function")
    if service.demo is not None and not callable(service.demo):
        raise BadManifest(where, "demo", "must be a function or None")


def _check_parts(service: Service, where: str) -> None:
    for name, kind in (
        ("retention", Retention),
        ("for_everyone", Card),
        ("case_types", CaseType),
        ("records", RecordKind),
        ("payables", Payable),
        ("mounts", Mount),
        ("stories", Story),
    ):
        parts = getattr(service, name)
        if isinstance(parts, str) or not isinstance(parts, Sequence) or not all(isinstance(p, kind) for p in parts):
            raise BadManifest(where, name, f"must be a sequence of portal.kit.{kind.__name__}")
    for case_type in service.case_types:
        if case_type.team and case_type.team not in service.teams:
            raise BadManifest(where, "teams", f"must name `{case_type.team}`, the team of `{case_type.slug}`")
    deliveries: object = service.deliveries  # as with the settings below
    if not isinstance(deliveries, Mapping) or not all(map(callable, deliveries.values())):
        raise BadManifest(where, "deliveries", "must map each act to a function")
    commands: object = service.commands  # as above
    named = isinstance(commands, Mapping) and all(isinstance(name, str) and NAME.fullmatch(name) for name in commands)
    if not named or not all(isinstance(each, Command) for each in service.commands.values()):
        raise BadManifest(where, "commands", "must map names of small letters and hyphens to portal.kit.Command")
    acts: object = service.acts  # as above
    if not isinstance(acts, Mapping) or not all(str(each).startswith(f"{service.slug}.") for each in acts):
        raise BadManifest(where, "acts", f"must map acts that begin with `{service.slug}.` to their words")
    _check_standin(service, where)
    _check_retention(service, where)
    _check_showing(service, where)
    for mount in service.mounts:
        if complaint := fault_of(mount, service.slug):
            raise BadManifest(where, "mounts", complaint)
    if service.desk is not None and (complaint := fault_of_desk(service.desk, service.slug)):
        raise BadManifest(where, "desk", complaint)
    settings: object = service.settings  # whatever was really given
    if settings is not None and not (isinstance(settings, type) and issubclass(settings, ServiceSettings)):
        raise BadManifest(where, "settings", "must be a class made from portal.kit.ServiceSettings")


def _check_standin(service: Service, where: str) -> None:
    standin: object = service.standin  # whatever was really given
    if standin is None:
        return
    if not isinstance(standin, Standin) or not FUNCTION.fullmatch(standin.create):
        raise BadManifest(where, "standin", 'must be a portal.kit.Standin(create="package.module:function")')
    fields = service.settings.model_fields if service.settings is not None else {}
    if not {standin.url, standin.token} <= set(fields):
        raise BadManifest(where, "standin", "must name fields of the service's settings")


def _check_retention(service: Service, where: str) -> None:
    if not service.retention:
        raise BadManifest(where, "retention", "must say how long records are kept and on what basis")
    for each in service.retention:
        if isinstance(each.tables, str) or not all(isinstance(name, str) for name in each.tables):
            raise BadManifest(where, "retention", "must name its `tables` in a sequence")
        if each.let_go is not None and not callable(each.let_go):
            raise BadManifest(where, "retention", "must have a function or None as `let_go`")


def _check_showing(service: Service, where: str) -> None:
    """What the kit tries and what the guide shows."""
    sample: object = service.sample  # whatever was really given
    if sample is not None and not (isinstance(sample, Sample) and isinstance(sample.answers, Mapping)):
        raise BadManifest(where, "sample", "must be a portal.kit.Sample or None")
    if sample is not None and sample.fill is not None and not callable(sample.fill):
        raise BadManifest(where, "sample", "must have a function or None as `fill`")
    for story in service.stories:
        if complaint := _fault_of_story(story):
            raise BadManifest(where, "stories", complaint)
    if len({story.code for story in service.stories}) != len(service.stories):
        raise BadManifest(where, "stories", "must have a code of its own for each")


def _fault_of_story(story: Story) -> str:
    if not NAME.fullmatch(story.code):
        return "must have codes of small letters and hyphens"
    if not all((str(story.title).strip(), story.who.strip(), story.steps)) or isinstance(story.steps, str):
        return f"must say of `{story.code}` its title, who to sign in as and the steps"
    if not story.url.startswith("/"):
        return f"must say of `{story.code}` at which page of the portal it begins"
    played = FUNCTION.fullmatch(story.walk) is not None
    if not (played and callable(story.done)):
        return f'must give `{story.code}` a function `done` and a `walk="package.module:function"`'
    return ""
