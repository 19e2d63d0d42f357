"""The audit trail's settings."""

from portal.settings.section import Section


class Audit(Section):
    """The audit trail."""

    heads_file: str = ""
    """A file to which the job worker adds the end of the audit trail's chain after each sealing. Put it where whoever
    can change the database cannot write. Empty: the worker's log alone has it."""
