"""What lets a feed be read: secrets for its own origin alone, authorities of its own, and the way through a proxy."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from aiohttp import web
from yarl import URL

from tests.integration.test_app import opened
from tests.support.command import command
from tests.support.feeds import FeedServer, feed_server
from tests.support.proxy import proxy
from tocsin.collect.entrance import entrance
from tocsin.collect.feeds import feeds_of
from tocsin.collect.polling import poll_document
from tocsin.collect.sources import rss
from tocsin.errors import ConfigError
from tocsin.http import Http, Response
from tocsin.model import Fetched, FetchFailed
from tocsin.proxy import Proxies
from tocsin.rulebook.faults import RulebookError
from tocsin.rulebook.load import load
from tocsin.rulebook.schema import FeedSpec

LOOPBACK = (ip_network("127.0.0.0/8"),)
ENV = {"PASSWORD": "hunter2", "TOKEN": "s3cr3t-token", "KEY": "k3y"}
FEED = "<rss version='2.0'><channel><title>Wire</title></channel></rss>"
WATCH = "watch: [{name: Quillonix, role: vendor}]\n"


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as running:
        yield running


def client(**more) -> Http:
    return Http(allow_networks=LOOPBACK, timeout=20, **more)


def access(url, **written):
    return entrance(FeedSpec(url=url, **written), url, ENV)


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ({"bearer_env": "TOKEN"}, "Authorization", "Bearer s3cr3t-token"),
        ({"header": "X-Api-Key", "value_env": "KEY"}, "X-Api-Key", "k3y"),
        (
            {"basic": {"user": "zoë", "password_env": "PASSWORD"}},
            "Authorization",
            f"Basic {base64.b64encode('zoë:hunter2'.encode()).decode()}",
        ),
    ],
)
async def test_a_secret_goes_to_its_own_origin_alone(server, auth, name, value):
    """Also through redirects: one that stays keeps it, one to another port, scheme or host loses it, in no message."""
    async with feed_server() as other, client() as http:
        url = server.serve("/f", status=302, Location="/here")
        server.serve("/here", status=301, Location=other.url("/there"))
        other.serve("/there", status=302, Location=server.url("/back"))
        server.serve("/back", status=500)
        carried = access(url, auth=auth)
        answer = await http.bearing(carried).get(url)
        assert isinstance(answer, Response)
        assert [server.requests[path][0].get(name) for path in ("/f", "/here", "/back")] == [value] * 3
        assert name not in other.requests["/there"][0]
        plain = await http.get(server.url("/back"))
        assert isinstance(plain, Response)
        assert name not in server.requests["/back"][1]
        assert not any(secret in f"{carried!r}{answer}" for secret in ENV.values())


async def test_a_feed_that_moved_for_good_to_another_host_does_not_take_its_secret_along(server):
    """The address is remembered; what is asked there is asked without the secret."""
    async with feed_server() as other, client() as http:
        url = server.serve("/f", status=301, Location=other.serve("/f", FEED))
        [feed] = feeds_of(FeedSpec(url=url), [], {"rss": rss.source})
        result = await poll_document(feed, None, http.bearing(access(url, auth={"bearer_env": "TOKEN"})), None)
        assert isinstance(result, Fetched)
        assert result.url == other.url("/f")
        assert "Authorization" not in other.requests["/f"][0]


async def test_the_daemon_lets_itself_in(server, tmp_path, monkeypatch):
    """A poll carries what the rules say; a reload that names a variable which isn't set changes nothing."""
    monkeypatch.setenv("WIRE_TOKEN", "s3cr3t-token")
    url = server.serve("/f", FEED, content_type="application/rss+xml")
    text = f"{WATCH}feeds:\n  - {{url: '{url}', auth: {{bearer_env: WIRE_TOKEN}}}}\n"
    rules = tmp_path / "tocsin.yaml"
    await asyncio.to_thread(rules.write_text, text)
    async with opened(tmp_path) as app:
        [lease] = await app._polls.lease(app._clock.now())
        await app._polls.poll(lease)
        assert server.requests["/f"][0]["Authorization"] == "Bearer s3cr3t-token"
        assert "s3cr3t" not in repr(app._pipeline.rules)
        await asyncio.to_thread(rules.write_text, text.replace("WIRE_TOKEN", "WYRE_TOKEN"))
        assert not await app.reload("asked")
        assert "tocsin.yaml:3:" in app.health.rules
        assert "WYRE_TOKEN, which is not set" in app.health.rules


async def test_add_writes_the_variables_name_and_never_its_value(server, tmp_path):
    """The feed is tried with the secret; the file and the screen have none of it."""

    async def guarded(request):
        known = request.headers.get("Authorization") == "Bearer s3cr3t-token"
        return web.Response(status=200 if known else 401, text=FEED, content_type="application/rss+xml")

    url, rules = server.handle("/f", guarded), tmp_path / "rules.yaml"
    await asyncio.to_thread(rules.write_text, WATCH)
    asked = ("feeds", "add", url, "--rules", str(rules), "--bearer-env", "WIRE_TOKEN")
    env = {"TOCSIN_ALLOW_NETWORKS": "127.0.0.0/8"}
    refused = await command(*asked, **env)
    assert refused.code == 3
    assert "`auth.bearer_env` names the environment variable WIRE_TOKEN, which is not set" in refused.err
    wrong = await command(*asked, WIRE_TOKEN="other", **env)
    assert (wrong.code, "(401)" in wrong.err) == (1, True)
    done = await command(*asked, WIRE_TOKEN="s3cr3t-token", **env)
    assert done.code == 0, done.err
    written = await asyncio.to_thread(rules.read_text)
    assert f'{{url: "{url}", name: Wire, auth: {{bearer_env: WIRE_TOKEN}}}}' in written
    assert "s3cr3t" not in written + done.out + done.err


# ---------------------------------------------------------------- what is wrong in the rules


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("auth: {bearer_env: §NONE}", "`auth.bearer_env` names the environment variable NONE, which is not set"),
        ("auth: {bearer_env: §LINES}", "whose value can't be sent"),
        ("auth: {bearer_env: §LOST}", "the file that LOST_FILE names can't be read: no such file"),
        ("auth: {bearer_env: §s3cr3t-token}", "must be the name of an environment variable"),
        ("auth: §{}", "give one of"),
        ("§auth: {bearer_env: TOKEN, header: X, value_env: KEY}", "give one of"),
        ("§auth: {header: X}", "belong together"),
        ("auth: {header: §Host, value_env: KEY}", "is for the client to say"),
        ("auth: {header: §'X: y', value_env: KEY}", "must be the name of an HTTP header"),
        ("auth: {basic: {user: §'a:b', password_env: KEY}}", "must not hold a colon"),
        ("ca: §none.pem", "`ca` names"),
        ("ca: §tocsin.yaml", "holds no certificate in PEM form"),
    ],
)
def test_each_slip_is_told_at_its_place_and_shows_no_secret(tmp_path, written, said):
    """With file, line and column, whichever variable or file is missing."""
    text = f"{WATCH}feeds:\n  - {{url: https://news.example/f, {written}}}\n"
    (tmp_path / "tocsin.yaml").write_text(text.replace("§", ""))
    environ = {**ENV, "LINES": "a\nb", "LOST_FILE": str(tmp_path / "lost")}
    with pytest.raises(RulebookError) as caught:
        load(tmp_path, environ=environ)
    [fault] = caught.value.faults
    assert (fault.line, fault.column) == (3, text.splitlines()[2].index("§") + 1), fault
    assert said in fault.message
    assert "s3cr3t" not in str(fault)


def test_an_address_with_a_password_and_an_auth_is_a_fault(tmp_path):
    """One of them would be sent, and nobody could say which."""
    feed = "{url: 'https://a:hunter2@news.example/f', auth: {bearer_env: TOKEN}}"
    (tmp_path / "tocsin.yaml").write_text(f"{WATCH}feeds: [{feed}]\n")
    with pytest.raises(RulebookError, match="leave them out") as caught:
        load(tmp_path, environ=ENV)
    assert "hunter2" not in str(caught.value)


def test_who_only_looks_needs_no_secret(tmp_path):
    """`feeds`, `coverage` and `explain` run where the daemon's secrets aren't; a secret may stand in a file."""
    (tmp_path / "tocsin.yaml").write_text(
        f"{WATCH}feeds: [{{url: 'https://a.example/', auth: {{bearer_env: NONE}}}}]\n"
    )
    assert load(tmp_path).feeds
    (tmp_path / "secret").write_text("s3cr3t-token\n")
    assert load(tmp_path, environ={"NONE_FILE": str(tmp_path / "secret")}).feeds


# ---------------------------------------------------------------- authorities


@asynccontextmanager
async def tls_server(authority: trustme.CA) -> AsyncIterator[str]:
    """A feed on https://localhost, vouched for by `authority`."""

    async def answer(_request):
        return web.Response(text=FEED, content_type="application/rss+xml")

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "feeds.example").configure_cert(context)
    application = web.Application()
    application.router.add_get("/f", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}/f"
    finally:
        await runner.cleanup()


async def test_an_authority_of_ones_own_vouches_for_its_feed_alone(tmp_path):
    """With `ca`, written from the rules' folder, the feed is read; another of that server isn't."""
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
    async with tls_server(authority) as url, client() as http:
        await asyncio.to_thread(
            (tmp_path / "tocsin.yaml").write_text, f"{WATCH}feeds: [{{url: '{url}', ca: own.pem}}]\n"
        )
        [spec] = (await asyncio.to_thread(load, tmp_path, environ={})).feeds
        answer = await http.bearing(entrance(spec, url, {})).get(url)
        assert isinstance(answer, Response)
        assert answer.body.decode() == FEED
        for refused in (http, http.bearing(access(url, ca=str(tmp_path / "other.pem")))):
            answer = await refused.get(url)
            assert isinstance(answer, FetchFailed)
            assert answer.kind == "tls"


# ---------------------------------------------------------------- proxies


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


async def test_a_proxy_is_asked_in_the_hosts_place(server):
    """With its own password, which the host doesn't see; names aren't resolved here; `no_proxy` goes by itself."""
    server.serve("/f", FEED)
    async with proxy(port_of(server.base)) as between:
        environ = {
            "HTTP_PROXY": between.url.replace("://", "://me:pr0xy@"),
            "no_proxy": "direct.example, 127.0.0.1",
        }
        async with client(proxies=Proxies(environ)) as http:
            answer = await http.get("http://feeds.nowhere.example/f?a=1")
            assert isinstance(answer, Response), answer
            assert answer.body.decode() == FEED
            assert between.asked == ["GET http://feeds.nowhere.example/f?a=1 HTTP/1.1"]
            assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:pr0xy').decode()}" in between.heads[0]
            assert isinstance(await http.get(server.url("/f")), Response)
            assert len(between.asked) == 1
        async with client() as http:
            answer = await http.get("http://feeds.nowhere.example/f")
            assert isinstance(answer, FetchFailed)
            assert answer.kind == "dns"


async def test_tls_goes_through_the_proxy_and_is_verified_at_its_end(tmp_path):
    """The proxy sees the host's name and no more; the secret in the header isn't for it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    async with (
        tls_server(authority) as url,
        proxy(port_of(url)) as between,
        client(proxies=Proxies({"https_proxy": between.url})) as http,
    ):
        feed = "https://feeds.example/f"
        carried = access(feed, ca=str(tmp_path / "own.pem"), auth={"bearer_env": "TOKEN"})
        answer = await http.bearing(carried).get(feed)
        assert isinstance(answer, Response), answer
        assert between.asked == ["CONNECT feeds.example:443 HTTP/1.1"]
        assert "s3cr3t" not in between.heads[0]
        answer = await http.get(feed)
        assert isinstance(answer, FetchFailed)
        assert answer.kind == "tls"


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:169.254.169.254]", "localhost", "a.localhost"],
)
async def test_an_address_inside_the_house_is_not_asked_for_through_a_proxy(server, host):
    """However it is written, also as a redirect's target."""
    async with proxy(port_of(server.base)) as between:
        async with Http(timeout=20, proxies=Proxies({"http_proxy": between.url})) as http:
            server.serve("/f", status=302, Location=f"http://{host}/secret")
            for url in (f"http://{host}/f", "http://feeds.example/f"):
                answer = await http.get(url)
                assert isinstance(answer, FetchFailed)
                assert answer.kind == "forbidden_address", answer
        assert between.asked == ["GET http://feeds.example/f HTTP/1.1"]


async def test_a_proxy_that_is_away_is_told():
    """Without its password."""
    away = Proxies({"all_proxy": "http://me:pr0xy@127.0.0.1:9"})
    async with client(proxies=away) as http:
        answer = await http.get("http://feeds.example/f")
    assert isinstance(answer, FetchFailed)
    assert (answer.kind, "to the proxy" in answer.reason, "pr0xy" in answer.reason) == ("connect", True, False)


@pytest.mark.parametrize("value", ["socks5://me:pr0xy@proxy.example", "http://", "ftp://x"])
def test_what_is_no_http_proxy_is_refused(value):
    """At the start, and without showing it."""
    with pytest.raises(ConfigError, match="https_proxy must be the address of an HTTP proxy") as caught:
        Proxies({"HTTPS_PROXY": value})
    assert "pr0xy" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("http://a.example/", True),
        ("http://x.a.example/", True),
        ("http://xa.example/", False),
        ("http://b.example:8080/", True),
        ("http://b.example/", False),
        ("http://10.1.2.3/", True),
        ("http://11.1.2.3/", False),
    ],
)
def test_no_proxy_names_hosts_domains_ports_and_networks(url, direct):
    """As most programs read it."""
    proxies = Proxies({"http_proxy": "proxy.example:3128", "NO_PROXY": ".a.example,b.example:8080, 10.0.0.0/8"})
    assert proxies.of(URL(url)) == (None if direct else URL("http://proxy.example:3128"))
    assert Proxies({"http_proxy": "p.example", "no_proxy": "*"}).of(URL(url)) is None


def test_the_secret_of_a_file_is_not_in_the_path(tmp_path: Path):
    """Nothing but the name of the file's variable stands in a fault."""
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not UTF-8") as caught:
        entrance(
            FeedSpec(url="https://a.example/", auth={"bearer_env": "T"}),
            "https://a.example/",
            {"T_FILE": str(tmp_path / "secret")},
        )
    assert str(tmp_path) not in str(caught.value)
