"""What can go wrong with the local stack. Each message says what to do; none needs a stack trace."""


class LocalStackError(Exception):
    """Something the local stack needs is not there: a command that meets it ends with exit code 3."""


class EngineUnavailableError(LocalStackError):
    """An engine's file could not be had, or is not the one its pin promises."""


class PortTakenError(LocalStackError):
    """A port is in use by a process that is not ours; the message names port, pid and command."""


class StartFailedError(LocalStackError):
    """A process died while starting or was not ready in time; the message ends with its last log lines."""


class BusyError(LocalStackError):
    """Another run held the same directory for longer than we were willing to wait."""
