"""Where else than under `/services/<slug>` a service can be called."""

import re
from dataclasses import dataclass

from flask import Blueprint

from portal.web.programs import Refuse

PATH = re.compile(r"(/[a-z0-9]+(-[a-z0-9]+)*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """An address outside `/services/<slug>` where programs call the service, because a standard says where it is.

    `path` is such as "/open311/v2"; its first part is then the service's alone. `blueprint` is made by
    `service_blueprint(__name__, "open311")` and each of its views says `@public`: no session is looked up and no form
    token asked for, so a view that changes anything asks for a proof of its own. `refuse(status, sentence)` writes what
    went wrong there, unknown addresses and faults included, in the form that was asked for.
    """

    path: str
    blueprint: Blueprint
    refuse: Refuse


def fault_of(mount: Mount, slug: str) -> str:
    """What is wrong with a mount of that service, to follow its name in a sentence; empty when nothing is."""
    path: object = mount.path  # whatever was really given
    if not isinstance(path, str) or not PATH.fullmatch(path):
        return "must be at a path of small letters and digits, such as `/open311/v2`"
    blueprint: object = mount.blueprint
    if not isinstance(blueprint, Blueprint) or not blueprint.name.startswith(f"{slug}_") or blueprint.url_prefix:
        return 'must have a blueprint made with portal.kit.service_blueprint(__name__, "a_name")'
    refuse: object = mount.refuse
    if not callable(refuse):
        return "must say in `refuse` how a refusal is written"
    return ""
