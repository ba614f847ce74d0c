"""What is installed: sources, conditions and notifiers, found by folder and by other distributions' entry points."""

import functools
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

from pydantic import BaseModel

from tocsin.errors import ConfigError
from tocsin.ports import Condition, Notifier, Source


class NotifierKind(Protocol):
    """A module in `deliver/notifiers/`, or another distribution's."""

    @property
    def Settings(self) -> type[BaseModel]:  # noqa: N802  a class, exported under a class's name
        """What stands under the notifier's key in YAML."""
        ...

    def build(self, settings: Any, context: Any) -> Notifier:
        """Make the notifier; raises `ConfigError` when something that it needs is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugins:
    """Everything installed, by the word that names it in YAML."""

    sources: Mapping[str, Source]
    conditions: Mapping[str, Condition]
    notifiers: Mapping[str, NotifierKind]


@functools.cache
def installed() -> Plugins:
    """Everything installed, looked for once.

    Raises:
        ConfigError: a plugin of another distribution is broken, or takes a name that is taken.
    """
    return Plugins(
        sources=discover("tocsin.collect.sources", "source", "tocsin.sources"),
        conditions=discover("tocsin.decide.conditions", "condition", "tocsin.conditions"),
        notifiers=discover_modules("tocsin.deliver.notifiers", ("Settings", "build"), "tocsin.notifiers"),
    )


def discover(package: str, attribute: str, group: str) -> dict[str, Any]:
    """Find what every module of `package` exports as `attribute`, and what the entry points of `group` name.

    The key is the module's, or the entry point's, name. An entry point may name the object or the module that
    exports it. Modules that export nothing by that name are passed over in our own folder, and a fault elsewhere.

    Raises:
        ConfigError: an entry point can't be loaded, exports nothing, or takes a name that is taken.
    """
    found = discover_modules(package, (attribute,), group)
    return {
        name: getattr(value, attribute) if isinstance(value, ModuleType) else value for name, value in found.items()
    }


def discover_modules(package: str, attributes: tuple[str, ...], group: str) -> dict[str, Any]:
    """Find every module of `package` that exports all `attributes`, and what the entry points of `group` name.

    Raises:
        ConfigError: as `discover` does.
    """
    folder = importlib.import_module(package)
    modules = [importlib.import_module(f"{package}.{one.name}") for one in pkgutil.iter_modules(folder.__path__)]
    found: dict[str, Any] = {
        module.__name__.rpartition(".")[2]: module
        for module in modules
        if all(hasattr(module, attribute) for attribute in attributes)
    }
    for point in sorted(importlib.metadata.entry_points(group=group), key=lambda point: point.name):
        value = _load(point, attributes)
        if found.setdefault(point.name, value) is not value:
            raise ConfigError(f"{_named(point)} takes the name `{point.name}`, which another plugin has; uninstall one")
    return found


def _load(point: importlib.metadata.EntryPoint, attributes: tuple[str, ...]) -> Any:
    try:
        value = point.load()
    except Exception as error:  # whatever a stranger's module does when it is imported
        raise ConfigError(f"{_named(point)} can't be loaded: {type(error).__name__}: {error}") from error
    missing = [attribute for attribute in attributes if not hasattr(value, attribute)]
    if missing and (len(attributes) > 1 or isinstance(value, ModuleType)):
        raise ConfigError(f"{_named(point)} exports no `{missing[0]}`")
    return value


def _named(point: importlib.metadata.EntryPoint) -> str:
    distribution = point.dist.name if point.dist is not None else "an unknown distribution"
    return f"the plugin `{point.name}` ({point.group}: {point.value}, from {distribution})"
