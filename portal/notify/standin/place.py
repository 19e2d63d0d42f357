"""Where the stand-in is, for those who need to know no more."""

from portal.settings.portal import Settings

PATH = "/standin/notify"


def is_mounted(settings: Settings) -> bool:
    """Whether the settings lead to the stand-in beside the portal. Never outside the demo."""
    return settings.demo and settings.notify.base_url == f"{settings.public_url}{PATH}"
