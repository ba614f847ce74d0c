"""Publishers who answer nobody that can't be reached. Pure."""

from collections.abc import Iterable, Mapping

from tocsin.errors import ConfigError
from tocsin.model import Feed
from tocsin.ports import Source

CURE = "set TOCSIN_CONTACT to an e-mail address at which you can be reached"


def require_contact(contact: str | None, feeds: Iterable[Feed], sources: Mapping[str, Source]) -> None:
    """See that there is a `contact` if a source demands one by `needs_contact = True`.

    Raises:
        ConfigError: there is none; the text says what to do.
    """
    asking = next((feed for feed in feeds if getattr(sources[feed.source], "needs_contact", False)), None)
    if asking is not None and not contact:
        raise ConfigError(f"the feed {asking.name} (source {asking.source}) can't be asked without a contact; {CURE}")
