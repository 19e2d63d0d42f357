"""Every page of council tax, so that the manifest has one name to import."""

from services.council_tax.views import bills

PAGES = (bills,)
