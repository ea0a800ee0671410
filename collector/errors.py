"""The error a person is meant to read."""


class UserError(Exception):
    """What went wrong and what to do about it, in one sentence. Shown as it is; never with a traceback."""
