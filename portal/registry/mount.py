"""Put the services behind the portal's one door."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from flask import Flask, current_app, request
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader

from portal.accounts.values import Account
from portal.backoffices import deliveries
from portal.backoffices.values import Hooks as DeliveryHooks
from portal.cases import types as case_types
from portal.cases.values import Case
from portal.errors import SetupError
from portal.identity import guard
from portal.joining import address_proofs, kinds
from portal.joining.address_proofs import AddressProof
from portal.kit.at_desk import DeskLink, DeskPages
from portal.kit.derived import settings_key
from portal.kit.mounting import Mount
from portal.kit.settings import read_settings
from portal.notices import topics
from portal.notify.contact_problems import when_it_comes_back
from portal.payments import payables
from portal.registry import old_services
from portal.registry.discovery import Mounted
from portal.registry.switches import refuse_programs_when_off, refuse_when_off
from portal.staff.gate import PREFIX as DESK
from portal.web import cookies, programs, static_files
from portal.web.access import is_public
from portal.web.csrf import SESSION_COOKIE
from portal.web.languages import add_catalogue
from portal.web.state import MenuItem, web_state

logger = logging.getLogger(__name__)
EXTENSION = "moothall.services"
BESIDE = frozenset({"id", "standin"})
"""Where other applications may stand beside the portal: see `portal.app.with_provider`."""


def install(app: Flask, services: Sequence[Mounted]) -> None:
    """Mount every service; all that can be wrong with one is found here, before the first request.

    Raises SetupError with a sentence that names the service.
    """
    app.extensions[EXTENSION] = {each.slug: each for each in services}
    for each in services:
        _mount(app, each)
        old_services.warn(each.package, each.folder)
        logger.info("service mounted: %s from %s", each.slug, each.package)


def install_switches(app: Flask) -> None:
    """Tell strangers that a service is off before they are asked to sign in. Installed ahead of the sign-in gate.

    What somebody sends goes through the gate first, which keeps it when their session has run out; and who has a
    session is told by `_mount`'s hook, on a page that knows them.
    """
    app.before_request(_refuse_strangers_when_off)


def _refuse_strangers_when_off() -> None:
    services: dict[str, Mounted] = current_app.extensions[EXTENSION]
    slug = next((name for name in request.blueprints if name in services), None)
    if slug is not None and request.method in ("GET", "HEAD") and not cookies.get(SESSION_COOKIE):
        refuse_when_off(slug)


def mounted() -> Sequence[Mounted]:
    """The services of this application, by slug; none in one that mounts none."""
    services: dict[str, Mounted] = current_app.extensions.get(EXTENSION, {})
    return tuple(services.values())


def service_titles() -> dict[str, str]:
    """What each service is called, by slug, in the language of whoever reads it."""
    return {each.slug: str(each.service.title) for each in mounted()}


def words_for_acts() -> dict[str, str]:
    """How residents read what the services write on the audit trail, by act, in the language of whoever reads it."""
    return {act: str(words) for each in mounted() for act, words in each.service.acts.items()}


def _mount(app: Flask, each: Mounted) -> None:
    service = each.service
    if service.settings is not None:
        app.extensions[settings_key(each.slug)] = read_settings(service.settings, each.slug)
    case_types.add(app, each.slug, service.case_types)
    case_types.add_teams(app, service.teams)
    hooks = case_types.Hooks(
        service.on_move, service.case_facts, service.on_task_done, service.on_entered, service.on_told
    )
    case_types.add_hooks(app, each.slug, hooks)
    if service.deliveries:
        sending = DeliveryHooks(service.deliveries, service.on_delivered, service.on_undeliverable)
        deliveries.install(app, each.slug, sending)
    for template, returned in service.on_returned.items():
        when_it_comes_back(app, template, returned)
    topics.add(app, each.slug, service.title)
    kinds.add(app, each.slug, service.title, service.records)
    address_proofs.add(app, each.slug, partial(_proofs_unless_off, each))
    payables.add(app, each.slug, service.title, service.payables)
    _add_templates(app, each)
    static_files.add_folder(app, each.folder / "static", PurePosixPath(each.slug))
    add_catalogue(each.folder / "translations" / "cy.po")
    # Blueprints are module-level and outlive an application, so what one application adds to them must not pile up:
    # the switch is asked by the application, by the blueprint's name.
    app.before_request_funcs.setdefault(each.slug, []).append(partial(refuse_when_off, each.slug))
    guard.demand(app, each.slug, service.assurance, service.freshness)
    app.register_blueprint(service.blueprint, url_prefix=f"/services/{each.slug}")
    for mount in service.mounts:
        mount_elsewhere(app, each, mount)
    if service.desk is not None:
        add_to_desk(app, each, service.desk)


def desk_links(case: Case) -> Sequence[DeskLink]:
    """What the service of a case lets staff do with it, beside what the desk does."""
    services: dict[str, Mounted] = current_app.extensions[EXTENSION]
    owner = services.get(case.service)
    return owner.service.desk.links(case) if owner is not None and owner.service.desk is not None else ()


def add_to_desk(app: Flask, each: Mounted, pages: DeskPages) -> None:
    """A service's own pages for staff. The desk's gate shuts those that do not say which right they need."""
    name, prefix = pages.blueprint.name, f"{DESK}/{each.slug}"
    if any(f"{rule.rule}/".startswith(f"{prefix}/") for rule in app.url_map.iter_rules()):
        raise SetupError(f"The service in {each.package} cannot start: `{prefix}` is a page of the desk's own.")
    app.register_blueprint(pages.blueprint, url_prefix=prefix)
    front = f"{name}.{pages.front}"
    unmarked = [
        end for end, view in app.view_functions.items() if end.startswith(f"{name}.") and not hasattr(view, "needs")
    ]
    if unmarked or front not in app.view_functions:
        complaint = f"`{unmarked[0]}` must say @needs" if unmarked else f"there is no view `{front}`"
        raise SetupError(f"The service in {each.package} cannot start: of its pages at the desk {complaint}.")
    menu = next(realm for realm in web_state(app).realms if realm.prefix == DESK).menu
    menu.insert(len(menu) - 1, MenuItem(pages.title, front, True, False))  # the way out stays last


def mount_elsewhere(app: Flask, each: Mounted, mount: Mount) -> None:
    """Put a blueprint where a standard wants it. What is there already, or would need a sign-in, stops the start."""
    ours = {one.blueprint.name for one in each.service.mounts}
    others = (rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] not in ours)
    if mount.path.split("/")[1] in BESIDE | {path.split("/")[1] for path in others}:
        raise SetupError(f"The service in {each.package} cannot start: `{mount.path}` is another's address.")
    name = mount.blueprint.name
    programs.add(app, mount.path, mount.refuse)
    app.before_request_funcs.setdefault(name, []).append(partial(refuse_programs_when_off, each.slug))
    app.after_request_funcs.setdefault(name, []).append(cookies.write_none)
    app.register_blueprint(mount.blueprint, url_prefix=mount.path)
    closed = [end for end in app.view_functions if end.startswith(f"{name}.") and not is_public(app, end)]
    if closed:
        raise SetupError(
            f"The service in {each.package} cannot start: nobody is signed in at `{mount.path}`, so `{closed[0]}` must"
            " say @public and ask for a proof of its own."
        )


def _proofs_unless_off(each: Mounted, account: Account) -> Sequence[AddressProof]:
    """What a service proves while it is on."""
    refuse_when_off(each.slug)
    return each.service.proofs(account)


def _add_templates(app: Flask, each: Mounted) -> None:
    folder = each.folder / "templates"
    if not folder.is_dir():
        return
    strays = [path.name for path in Path(folder).iterdir() if path.name != each.slug]
    if strays:
        raise SetupError(
            f"The service in {each.package} cannot start: `templates` may hold the folder `{each.slug}` only,"
            f" not `{sorted(strays)[0]}`, so that it overrides nobody's pages."
        )
    loader = app.jinja_env.loader
    before: list[BaseLoader] = [loader] if loader is not None else []
    app.jinja_env.loader = ChoiceLoader([*before, FileSystemLoader(folder)])
