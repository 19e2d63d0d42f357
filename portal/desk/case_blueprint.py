"""The blueprint of the pages of one case. Each file of acts adds its own to it."""

from flask import Blueprint

from portal.staff.gate import PREFIX

bp = Blueprint("desk_case", __name__, url_prefix=f"{PREFIX}/cases", template_folder="templates")
