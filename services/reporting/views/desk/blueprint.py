"""The blueprint of reporting's pages at the desk."""

from portal.kit import service_blueprint

bp = service_blueprint(__name__, "desk")
