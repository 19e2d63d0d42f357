"""Reporting's pages at the desk as the manifest names them: each adds itself to the blueprint when it is imported."""

from collections.abc import Sequence
from typing import Final

from portal.kit import Case, DeskLink, DeskPages
from portal.kit import lazy_gettext as _
from services.reporting.views.desk import covering, figures, handling, heat, inspecting, moderation, stuck, work
from services.reporting.views.desk.blueprint import bp

PAGES: Final = (covering, figures, handling, heat, inspecting, moderation, stuck, work)


def links_of(case: Case) -> Sequence[DeskLink]:
    """What stands on the desk's page of a report: first what has gone wrong."""
    return [*stuck.links_of(case), *handling.links_of(case)]


DESK: Final = DeskPages(blueprint=bp, title=_("Street problems"), front="front", links=links_of)
