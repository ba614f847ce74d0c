"""The settings come from the environment, whole or not at all, and no secret shows."""

import ipaddress
from datetime import timedelta
from pathlib import Path

import pytest

from tocsin.config import Listen, LogSettings, Settings
from tocsin.errors import ConfigError
from tocsin.politeness import HostLimit


def faults(**environ):
    with pytest.raises(ConfigError) as caught:
        Settings.from_environ(environ)
    return str(caught.value).splitlines()


def test_an_empty_environment_is_the_defaults():
    """Nothing needs to be set; what isn't ours is ignored."""
    settings = Settings.from_environ({"LANG": "C.UTF-8", "TOCSIN": "x"})
    assert settings == Settings()
    assert (settings.rules, settings.data, settings.model) == (Path("rules"), Path("data"), "all-MiniLM-L6-v2")
    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.http_listen, settings.allow_networks) == (Listen("127.0.0.1", 9464), ())
    assert (settings.seed_window, settings.drain_seconds) == (timedelta(hours=24), 20.0)
    assert (settings.poll_every, settings.poll_concurrency) == (timedelta(minutes=5), 50)
    assert settings.poll_fastest is settings.poll_slowest is None
    assert settings.redis_url is settings.slack_bot_token is settings.slack_app_token is None


def test_everything_can_be_set():
    """Each variable reaches its field."""
    settings = Settings.from_environ(
        {
            "TOCSIN_RULES": "/etc/tocsin/rules",
            "TOCSIN_DATA": "/data",
            "TOCSIN_REDIS_URL": "redis://:pw@redis:6379/0",
            "TOCSIN_MODEL": "other",
            "TOCSIN_SLACK_BOT_TOKEN": "xoxb-1",
            "TOCSIN_SLACK_APP_TOKEN": "xapp-1",
            "TOCSIN_SLACK_API_URL": "http://127.0.0.1:8000/api",
            "TOCSIN_HTTP_LISTEN": "[::1]:0",
            "TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8, ::1/128 10.0.0.0/8",
            "TOCSIN_PUBLIC_URL": "https://tocsin.example/in",
            "TOCSIN_CONTACT": " Acme Procurement ops@acme.example ",
            "TOCSIN_HOST_LIMITS": "news.example=2/s, *=1/5s:4 [fd00::1]=off",
            "TOCSIN_LOG": "JSON:debug",
            "TOCSIN_SEED_WINDOW": "0s",
            "TOCSIN_STORIES_FOR": "30d",
            "TOCSIN_STORIES": "5000",
            "TOCSIN_DRAIN_SECONDS": "2.5",
            "TOCSIN_POLL_EVERY": "90s",
            "TOCSIN_POLL_FASTEST": "30s",
            "TOCSIN_POLL_SLOWEST": "1h",
            "TOCSIN_POLL_CONCURRENCY": "7",
        }
    )
    assert (settings.rules, settings.data) == (Path("/etc/tocsin/rules"), Path("/data"))
    assert settings.contact == "Acme Procurement ops@acme.example"
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://:pw@redis:6379/0"
    assert settings.slack_bot_token is not None
    assert settings.slack_app_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_app_token.get_secret_value() == "xapp-1"
    assert settings.slack_api_url == "http://127.0.0.1:8000/api/"
    assert settings.public_url == "https://tocsin.example/in/"
    assert (settings.http_listen, str(settings.http_listen)) == (Listen("::1", 0), "[::1]:0")
    assert settings.allow_networks == tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8")))
    assert settings.host_limits == {
        "news.example": HostLimit(gap=timedelta(seconds=0.5)),
        "*": HostLimit(gap=timedelta(seconds=5), at_once=4),
        "fd00::1": None,
    }
    assert (settings.stories_for, settings.stories) == (timedelta(days=30), 5_000)
    assert settings.log == LogSettings("json", "debug")
    assert (settings.seed_window, settings.drain_seconds) == (timedelta(0), 2.5)
    assert (settings.model, settings.poll_every, settings.poll_concurrency) == ("other", timedelta(seconds=90), 7)
    assert (settings.poll_fastest, settings.poll_slowest) == (timedelta(seconds=30), timedelta(hours=1))


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ({"TOCSIN_POLL_FASTEST": "6m"}, "`TOCSIN_POLL_FASTEST` must not be longer than `TOCSIN_POLL_EVERY`"),
        ({"TOCSIN_POLL_SLOWEST": "4m"}, "`TOCSIN_POLL_SLOWEST` must not be shorter than `TOCSIN_POLL_EVERY`"),
    ],
)
def test_bounds_of_polling_stand_around_the_average(written, fault):
    """Else no feeds could be asked as often as that on the average."""
    assert faults(**written) == [fault]


def test_every_fault_is_told_at_once_and_shows_no_secret():
    """A line a fault, in the order of the variables' names."""
    told = faults(
        TOCSIN_ALLOW_NETWORKS="10.1.0.0/8",
        TOCSIN_CONTACT="Acme\nops@acme.example",
        TOCSIN_DRAIN_SECONDS="nan",
        TOCSIN_HOST_LIMITS="news.example=2",
        TOCSIN_HTTP_LISTEN="9464",
        TOCSIN_LOG="jsno",
        TOCSIN_MODL="x",
        TOCSIN_POLL_CONCURRENCY="0",
        TOCSIN_POLL_EVERY="0s",
        TOCSIN_REDIS_URL="SECRET",
        TOCSIN_SEED_WINDOW="24",
        TOCSIN_SLACK_API_URL="slack.com",
        TOCSIN_SLACK_APP_TOKEN="xoxb-SECRET",
        TOCSIN_SLACK_BOT_TOKEN="SECRET SECRET",
    )
    assert told == [
        "`TOCSIN_ALLOW_NETWORKS`: `10.1.0.0/8` is not a network; its host bits must be zero",
        "`TOCSIN_CONTACT` must be an e-mail address, with a name before it if you like",
        "`TOCSIN_DRAIN_SECONDS` must be a number",
        (
            "`TOCSIN_HOST_LIMITS`: `news.example=2` is no limit of a host; write news.example=2/s, *=1/5s:4 "
            "(with four polls at once) or feeds.internal.example=off"
        ),
        "`TOCSIN_HTTP_LISTEN` must be an address and a port, like 127.0.0.1:9464 or [::1]:9464, or `off`",
        "`TOCSIN_LOG` must be auto, console or json, with a level if you like, like json:debug, did you mean `json`?",
        "`TOCSIN_POLL_CONCURRENCY` must be at least 1",
        "`TOCSIN_POLL_EVERY` must be longer than nothing",
        "`TOCSIN_REDIS_URL` must begin with redis://, rediss:// or unix://",
        "`TOCSIN_SEED_WINDOW` must be a span of time, like 90s, 2m, 1h30m or 1d; say which unit, like 24s or 24m",
        "`TOCSIN_SLACK_API_URL` must be an address on the web that starts with https:// or http://",
        (
            "`TOCSIN_SLACK_APP_TOKEN` holds a token that belongs into TOCSIN_SLACK_BOT_TOKEN; "
            "here belongs the one that begins with xapp-"
        ),
        "`TOCSIN_SLACK_BOT_TOKEN` must be one word without spaces",
        "unknown variable `TOCSIN_MODL`, did you mean `TOCSIN_MODEL`?",
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("off", None),
        ("OFF", None),
        ("0.0.0.0:9464", Listen("0.0.0.0", 9464)),
        ("localhost:80", Listen("localhost", 80)),
        ("[fe80::1%eth0]:1", Listen("fe80::1%eth0", 1)),
    ],
)
def test_where_to_listen(written, read):
    """An address and a port, or nothing at all."""
    assert Settings.from_environ({"TOCSIN_HTTP_LISTEN": written}).http_listen == read


@pytest.mark.parametrize("written", ["::1:9464", "host", "host:", "host:99999", ":9464", "a b:1", "[::1]"])
def test_where_not_to_listen(written):
    """Ambiguous and incomplete addresses are faults."""
    assert faults(TOCSIN_HTTP_LISTEN=written)[0].startswith("`TOCSIN_HTTP_LISTEN` must be an address and a port")


@pytest.mark.parametrize(
    ("written", "read"),
    [("console", ("console", "info")), ("debug", ("auto", "debug")), ("json:warning", ("json", "warning"))],
)
def test_the_log(written, read):
    """A format, a level, or both."""
    assert Settings.from_environ({"TOCSIN_LOG": written}).log == read


def test_only_what_is_near_is_suggested():
    """What every variable begins with makes none of them look meant."""
    assert faults(TOCSIN_BOGUS="1") == ["unknown variable `TOCSIN_BOGUS`"]
    assert faults(TOCSIN_REDIS_ULR="x") == ["unknown variable `TOCSIN_REDIS_ULR`, did you mean `TOCSIN_REDIS_URL`?"]


def test_a_level_that_is_none_is_a_fault():
    """The suggestion is for the part that is wrong."""
    assert faults(TOCSIN_LOG="json:dbug")[0].endswith("did you mean `debug`?")


def test_a_network_that_is_none_is_a_fault():
    """The fault shows what was written."""
    assert faults(TOCSIN_ALLOW_NETWORKS="private") == [
        "`TOCSIN_ALLOW_NETWORKS`: `private` is not a network; write networks like 10.0.0.0/8 or fd00::/8"
    ]


def test_an_empty_variable_is_an_unset_one():
    """Compose files pass variables through empty."""
    assert Settings.from_environ({"TOCSIN_SLACK_BOT_TOKEN": "", "TOCSIN_REDIS_URL_FILE": " "}) == Settings()


def test_what_kubernetes_injects_is_ignored():
    """A service called tocsin puts its address into every container beside it."""
    injected = {
        "TOCSIN_SERVICE_HOST": "10.0.0.1",
        "TOCSIN_SERVICE_PORT": "9464",
        "TOCSIN_SERVICE_PORT_HTTP": "9464",
        "TOCSIN_PORT": "tcp://10.0.0.1:9464",
        "TOCSIN_PORT_9464_TCP_ADDR": "10.0.0.1",
    }
    assert Settings.from_environ(injected) == Settings()


def test_secrets_never_show():
    """Neither in `repr` nor in `str`."""
    settings = Settings.from_environ(
        {
            "TOCSIN_REDIS_URL": "redis://:SECRET@h",
            "TOCSIN_SLACK_BOT_TOKEN": "SECRET",
            "TOCSIN_SLACK_APP_TOKEN": "SECRET",
        }
    )
    assert "SECRET" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_settings_can_be_made_in_code():
    """By the fields' names, for tests and embedding."""
    assert Settings(http_listen=None, poll_concurrency=2).poll_concurrency == 2


@pytest.mark.parametrize(
    "written",
    [
        "http://tocsin.example/",
        "https://me:pass@tocsin.example/",
        "https://tocsin.example/?a=b",
        "tocsin.example",
        "https://",
    ],
)
def test_a_public_address_that_no_hub_should_use_is_a_fault(written):
    """Hubs are given an address with TLS and without anything secret; the sentence repeats none of it."""
    [fault] = faults(TOCSIN_PUBLIC_URL=written)
    assert fault.startswith("`TOCSIN_PUBLIC_URL`")
    assert "pass" not in fault


def test_a_public_address_needs_a_port():
    """Where nothing is served no hub can call."""
    [fault] = faults(TOCSIN_PUBLIC_URL="https://tocsin.example/", TOCSIN_HTTP_LISTEN="off")
    assert "TOCSIN_HTTP_LISTEN" in fault
