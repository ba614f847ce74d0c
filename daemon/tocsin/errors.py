"""The exceptions: a bad configuration, a lost store, a missing part. All else that goes wrong is a value (model.py)."""


class TocsinError(Exception):
    """Base of everything Tocsin raises on purpose; its text is a sentence for a person, without secrets."""


class ConfigError(TocsinError):
    """The rules or the settings can't be used. The text lists every fault, one a line."""


class StoreUnavailable(TocsinError):  # noqa: N818  it names a state that passes
    """The store doesn't answer or refuses writes; nothing was written."""


class EmbeddedStoreError(TocsinError):
    """The embedded store can't be started: no server binary, folder in use, folder not writable."""


class ModelError(TocsinError):
    """The embedding model is missing or isn't the one that was verified."""
