"""The blueprint that every page of reporting belongs to."""

from portal.kit import service_blueprint

bp = service_blueprint(__name__)
