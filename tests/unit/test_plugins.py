"""Plugins are found by folder and by entry point; a broken stranger is named."""

import importlib.metadata
import sys
from types import ModuleType

import pytest

from tocsin import plugins
from tocsin.errors import ConfigError

CONDITIONS = ("tocsin.decide.conditions", "condition", "tocsin.conditions")


@pytest.fixture
def stranger(monkeypatch):
    """Pretends that another distribution has an entry point."""

    def pretend(name, value, **modules):
        for module_name, attributes in modules.items():
            module = ModuleType(module_name)
            vars(module).update(attributes)
            monkeypatch.setitem(sys.modules, module_name, module)
        point = importlib.metadata.EntryPoint(name=name, value=value, group="tocsin.conditions")
        monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point] if group == point.group else [])

    return pretend


def test_every_module_of_the_folder_that_exports_the_attribute_is_found():
    """The key is the module's name; a module that only helps is passed over."""
    found = plugins.discover(*CONDITIONS)
    assert found["event"].key == "event"
    assert "party" not in found


def test_all_that_is_installed_is_found_once():
    """Sources, conditions and notifiers of this distribution, by the words of the YAML."""
    installed = plugins.installed()
    assert "rss" in installed.sources
    assert {"slack", "webhook", "console"} <= set(installed.notifiers)
    assert installed is plugins.installed()
    assert all(source.kind == name for name, source in installed.sources.items())


def test_another_distribution_may_add_an_object(stranger):
    """The entry point names the object itself."""
    stranger("moon", "strange:thing", strange={"thing": "a condition"})
    assert plugins.discover(*CONDITIONS)["moon"] == "a condition"


def test_another_distribution_may_add_a_module(stranger):
    """The entry point names a module that exports the attribute, as our own do."""
    stranger("moon", "strange", strange={"condition": "a condition"})
    assert plugins.discover(*CONDITIONS)["moon"] == "a condition"


def test_a_stranger_that_can_t_be_imported_is_named(stranger):
    """The fault names the plugin, where it comes from, and what went wrong."""
    stranger("moon", "no_such_module_here:thing")
    with pytest.raises(
        ConfigError, match=r"the plugin `moon` \(tocsin.conditions: no_such_module_here:thing.*ModuleNotFound"
    ):
        plugins.discover(*CONDITIONS)


def test_a_stranger_that_exports_nothing_is_named(stranger):
    """A module without the attribute is a fault there, not a silence."""
    stranger("moon", "strange", strange={})
    with pytest.raises(ConfigError, match=r"`moon`.*exports no `condition`"):
        plugins.discover(*CONDITIONS)


def test_a_stranger_can_t_take_a_name_that_is_taken(stranger):
    """`event` is ours."""
    stranger("event", "strange:thing", strange={"thing": "a condition"})
    with pytest.raises(ConfigError, match="takes the name `event`"):
        plugins.discover(*CONDITIONS)


def test_a_notifier_module_must_export_both_parts(stranger, monkeypatch):
    """Settings without `build` are no notifier."""
    stranger("pager", "strange", strange={"Settings": object})
    (point,) = importlib.metadata.entry_points(group="tocsin.conditions")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point] * bool(group))
    with pytest.raises(ConfigError, match="exports no `build`"):
        plugins.discover_modules("tocsin.deliver.notifiers", ("Settings", "build"), "tocsin.notifiers")
