"""Reporting's pages at the desk as the manifest names them: each adds itself to the blueprint when it is imported."""

from typing import Final

from portal.kit import DeskPages
from portal.kit import lazy_gettext as _
from services.reporting.views.desk import covering, figures, handling, heat, inspecting, moderation, stuck, work
from services.reporting.views.desk.blueprint import bp

PAGES: Final = (covering, figures, handling, heat, inspecting, moderation, stuck, work)
DESK: Final = DeskPages(blueprint=bp, title=_("Street problems"), front="front", links=handling.links_of)
