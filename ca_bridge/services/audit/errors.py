"""What the audit log cannot do as asked; never about what an entry says."""

from __future__ import annotations

from ca_bridge.services.errors import GatewayError


class UnusableEntry(GatewayError):
    """An entry that cannot be logged as given: a defect of whoever makes it."""


class NotInLog(GatewayError):
    """A position or a size that the log does not have."""


class ExportRefused(GatewayError):
    """The log is not written over the exported one; the text says why, in both languages."""


class ExportUnreadable(ExportRefused):
    """There is no exported log where one was looked for."""
