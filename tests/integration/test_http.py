"""The client against servers that misbehave, on loopback."""

import asyncio
import functools
import gzip
import shutil
import socket
import ssl
import subprocess
import tracemalloc
from ipaddress import ip_network

import aiohttp
import brotli
import pytest
from aiohttp import web

from tests.support.feeds import feed_server, raw_server
from tests.support.outside import outside
from tocsin import __version__
from tocsin.http import Http, Response
from tocsin.model import FetchFailed

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
async def server():
    async with feed_server() as running:
        yield running


@pytest.fixture
async def http():
    async with Http(allow_networks=LOOPBACK, timeout=5, connect_timeout=2, read_timeout=2) as client:
        yield client


def failure(answer, kind):
    assert isinstance(answer, FetchFailed), answer
    assert answer.kind == kind, answer
    return answer.reason


async def test_a_get_says_who_asks_and_what_it_takes(server, http):
    """The User-Agent names Tocsin; validators are sent as they were received; no cookie ever comes back."""
    url = server.serve("/f", b"x", Set_Cookie="a=b", ETag='"1"', Last_Modified="Thu, 12 Jun 2025 10:00:00 GMT")
    first = await http.get(url)
    assert isinstance(first, Response)
    await http.get(url, etag=first.etag, last_modified=first.last_modified)
    plain, conditional = server.requests["/f"]
    assert plain["User-Agent"] == f"Tocsin/{__version__} (+https://pypi.org/project/tocsin/)"
    assert plain["Accept-Encoding"] == "gzip, deflate, br"
    assert "If-None-Match" not in plain
    assert conditional["If-None-Match"] == '"1"'
    assert conditional["If-Modified-Since"] == "Thu, 12 Jun 2025 10:00:00 GMT"
    assert "Cookie" not in conditional


async def test_a_connection_that_is_closed_under_the_request_is_a_failure(server, http, monkeypatch):
    """The loop's own word for it is no error of any client: it becomes a value like all else."""

    def closed(*_words, **_more):
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    monkeypatch.setattr(aiohttp.ClientSession, "request", closed)
    assert failure(await http.get(server.serve("/f", b"x")), "connect").endswith("the connection failed")


async def test_a_bad_validator_is_not_sent(server, http):
    """A stored tag with a line break in it would otherwise end the request."""
    answer = await http.get(server.serve("/f", b"x"), etag='"a\r\nX-Evil: y"', last_modified="é")
    assert isinstance(answer, Response)
    assert not {"If-None-Match", "If-Modified-Since", "X-Evil"} & set(server.requests["/f"][0])


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("identity", bytes), ("GZIP", gzip.compress)]
)
async def test_a_body_comes_unpacked(server, http, coding, pack):
    """Whatever it travelled in, the body is the document; headers have lower-case names."""
    answer = await http.get(server.serve("/f", pack(b"words " * 9999), Content_Encoding=coding, X_Name="v"))
    assert isinstance(answer, Response)
    assert answer.body == b"words " * 9999
    assert answer.headers["x-name"] == "v"


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [("gzip", gzip.compress(b"\0" * 200_000_000, mtime=0)), ("br", brotli.compress(b"\0" * 200_000_000, quality=4))],
)
async def test_a_bomb_never_unfolds_in_memory(server, http, coding, bomb):
    """200 MB in a few kilobytes end at the cap: the peak stays within a few times 8 MiB."""
    url = server.serve("/f", bomb, Content_Encoding=coding)
    tracemalloc.start()
    try:
        reason = failure(await http.get(url), "too_large")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "8 MiB" in reason
    assert peak < 40_000_000


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: brotli.compress(data, quality=4)])
async def test_what_unpacks_to_far_more_than_came_is_refused(server, http, pack):
    """Not beyond a hundred times, once it is a megabyte; a feed that says much the same over and over is read."""
    coding = "gzip" if pack is gzip.compress else "br"
    reason = failure(await http.get(server.serve("/f", pack(b"\n" * 7 * 2**20), Content_Encoding=coding)), "too_large")
    assert "unpacks to more than 100 times what came" in reason
    small = await http.get(server.serve("/f", pack(b"\n" * 2**20), Content_Encoding=coding))
    assert isinstance(small, Response)
    same = b"<description>We are investigating elevated error rates.</description>"
    items = b"".join(b"<item><guid>%d</guid>%s</item>" % (number * 7919, same) for number in range(60_000))
    assert len(items) > 5_000_000
    whole = await http.get(server.serve("/f", pack(items), Content_Encoding=coding))
    assert isinstance(whole, Response)
    assert whole.body == items


@pytest.mark.parametrize("status", [200, 302, 304, 404])
async def test_headers_are_capped_in_all(server, http, status):
    """None is too long by itself, but all together are, whatever the status; fewer pass."""
    long = {f"X-{number}": "b" * 15_000 for number in range(5)}
    assert "KiB of headers" in failure(
        await http.get(server.serve("/f", status=status, Location="/g", **long)), "too_large"
    )
    honest = await http.get(server.serve("/f", status=404, **dict(list(long.items())[:3])))
    assert isinstance(honest, Response)


async def test_an_endless_body_ends_at_the_cap(server, http):
    """A body that doesn't say its length is read up to the cap."""

    async def endless(request):
        stream = web.StreamResponse()
        await stream.prepare(request)
        while True:
            await stream.write(b"x" * 2**16)

    failure(await http.get(server.handle("/f", endless)), "too_large")


async def test_a_body_that_says_it_is_too_large_is_not_read(http):
    """The length in the header is enough."""
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", hold=5) as url:
        failure(await http.get(url), "too_large")


async def test_a_slow_body_ends_at_the_deadline(server):
    """A byte now and then keeps no one waiting longer than the whole timeout."""

    async def slow(request):
        stream = web.StreamResponse()
        await stream.prepare(request)
        while True:
            await stream.write(b"x")
            await asyncio.sleep(0.05)

    async with Http(allow_networks=LOOPBACK, timeout=0.5) as http:
        failure(await http.get(server.handle("/f", slow)), "timeout")


async def test_a_silent_server_ends_at_the_read_timeout(server):
    """A server that never answers is given up."""
    async with Http(allow_networks=LOOPBACK, read_timeout=0.2) as http:
        failure(await http.get(server.serve("/f", b"x", delay=3)), "timeout")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(server, http, status):
    """The final address is told; only a permanent redirect changes where to ask next."""
    there = server.serve("/there", b"x")
    here = server.serve("/here", status=status, Location="there")
    answer = await http.get(here)
    assert isinstance(answer, Response)
    assert (answer.url, answer.body) == (there, b"x")
    assert answer.permanent_url == (there if status in {301, 308} else here)


async def test_only_an_unbroken_chain_is_permanent(server, http):
    """What follows a temporary redirect is temporary."""
    server.serve("/d", b"x")
    server.serve("/c", status=301, Location="/d")
    server.serve("/b", status=302, Location="/c")
    answer = await http.get(server.serve("/a", status=308, Location="/b"))
    assert isinstance(answer, Response)
    assert (answer.url, answer.permanent_url) == (server.url("/d"), server.url("/b"))


async def test_a_redirect_loop_ends(server, http):
    """Five redirects are followed, and no more."""
    failure(await http.get(server.serve("/a", status=301, Location="/a")), "redirect")
    assert len(server.requests["/a"]) == 6


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://x/", "javascript:x", "http://", "http://[bad", "http://x:99999/", ""]
)
async def test_a_redirect_off_the_web_is_refused(server, http, location):
    """Only http and https addresses are followed."""
    failure(await http.get(server.serve("/a", status=302, Location=location)), "redirect")


async def test_a_redirect_without_an_address_is_refused(server, http):
    """A 302 has to say where to."""
    assert "without saying where" in failure(await http.get(server.serve("/a", status=302)), "redirect")


@pytest.mark.parametrize("there", ["10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"])
async def test_a_redirect_to_a_private_address_is_refused(server, http, there):
    """A public server can't send us into the house, and the reason names the address."""
    reason = failure(
        await http.get(server.serve("/a", status=302, Location=f"http://{there}/secret")), "forbidden_address"
    )
    assert "TOCSIN_ALLOW_NETWORKS" in reason


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_redirect_from_outside_leads_to_no_network_of_ones_own(server, http, monkeypatch, method):
    """Which is open for feeds that are written down; what stands in it may lead to itself, and out."""
    inside = server.serve("/in", b"x")
    async with feed_server(outside(monkeypatch)) as stranger:
        out = stranger.serve("/out", b"x")

        async def asked(url):
            return await (http.get(url) if method == "get" else http.post(url, {}))

        reason = failure(await asked(stranger.serve("/a", status=307, Location=inside)), "forbidden_address")
        assert "nothing outside leads there" in reason
        back = stranger.serve("/back", status=307, Location=inside)
        failure(await asked(server.serve("/b", status=307, Location=back)), "forbidden_address")
        assert not server.requests["/in"]
        kept = [await asked(server.serve("/c", status=307, Location=there)) for there in (inside, out)]
        assert [answer.inside for answer in kept] == [True, False]


async def test_what_is_named_outside_leads_to_no_network_of_ones_own(server, http, monkeypatch):
    """After an answer from outside the same errand goes nowhere inside; nor does ever what a stranger has named."""
    inside = server.serve("/in", b"x")
    async with feed_server(outside(monkeypatch)) as stranger:
        out, noted = stranger.serve("/out", b"x"), []
        errand = http.noting(noted)
        for url in (inside, inside, out, out):
            assert (await errand.get(url)).status == 200
        failure(await errand.get(inside), "forbidden_address")
        assert noted == [True, True, False, False]
        failure(await http.outside().get(inside), "forbidden_address")
        failure(await http.outside().post(inside, {}), "forbidden_address")
        assert (await http.get(inside)).inside
    assert len(server.requests["/in"]) == 3


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "forbidden_address"),
        ("localhost", "forbidden_address"),
        ("0x7f000001", "forbidden_address"),
        ("2130706433", "http"),
        ("127.1", "http"),
    ],
)
async def test_loopback_is_forbidden_unless_allowed(server, host, kind):
    """Every spelling of loopback ends at the dialler or before it, and no request is made."""
    url = server.serve("/f", b"x").replace("127.0.0.1", host)
    async with Http() as http:
        failure(await http.get(url), kind)
    assert not server.requests


async def test_credentials_stay_with_their_origin(server, http):
    """User and password go along on the same origin, and never to another."""
    async with feed_server() as other:
        other.serve("/c", b"x")
        server.serve("/b", status=301, Location=other.url("/c"))
        here = server.serve("/a", status=301, Location=server.url("/b")).replace("//", "//user:secret@")
        answer = await http.get(here)
        assert isinstance(answer, Response)
        assert "Authorization" in server.requests["/a"][0]
        assert "Authorization" in server.requests["/b"][0]
        assert "Authorization" not in other.requests["/c"][0]
        assert answer.permanent_url == other.url("/c")


async def test_credentials_in_a_redirect_are_not_used(server, http):
    """A server can't make us log in elsewhere in its name."""
    async with feed_server() as other:
        target = other.serve("/c", b"x").replace("//", "//evil:word@")
        await http.get(server.serve("/a", status=302, Location=target))
        assert "Authorization" not in other.requests["/c"][0]


async def test_a_reason_holds_no_secret(http):
    """Password and query are nowhere in what is logged."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = await http.get(f"http://user:secret@127.0.0.1:{port}/f?key=secret")
    assert "secret" not in failure(answer, "connect")


async def test_an_unknown_host_is_a_dns_failure(http):
    """A name that never resolves (RFC 6761) or can't be one."""
    failure(await http.get("http://feed.invalid/"), "dns")
    failure(await http.get(f"http://{'a' * 70}.example/"), "dns")


@pytest.mark.parametrize("url", ["", "feed", "ftp://n.example/f", "http://", "http://[bad/", "http://n.example:99999/"])
async def test_what_is_no_web_address_is_not_asked(http, url):
    """The failure is a value, whatever stands in the configuration."""
    failure(await http.get(url), "http")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "connect"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort", "connect"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "http"),
        (b"not HTTP at all\r\n\r\n", "http"),
        (b"", "connect"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nplain", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 5\r\n\r\nplain", "http"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 999, mtime=0)[:-4], "http"),
    ],
)
async def test_a_broken_answer_is_a_value(http, raw, kind):
    """Wrong lengths, broken chunks, endless headers, false encodings: each ends in a sentence."""
    async with raw_server(raw) as url:
        assert failure(await http.get(url), kind).startswith("http://127.0.0.1")


async def test_a_longer_body_than_announced_is_cut_where_it_was_announced(http):
    """What follows the announced length is not part of the document."""
    async with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nokmore") as url:
        answer = await http.get(url)
        assert isinstance(answer, FetchFailed) or answer.body == b"ok"


async def test_the_body_of_an_error_is_not_read(server, http):
    """Only a 2xx has a document."""
    answer = await http.get(server.serve("/f", b"long excuse", status=500))
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (500, b"")


async def test_plain_http_on_an_https_address_is_refused(server, http):
    """No secure connection, no request."""
    failure(await http.get(server.serve("/f", b"x").replace("http://", "https://")), "tls")
    assert not server.requests


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is needed to make a certificate")
async def test_a_certificate_that_nobody_vouches_for_is_refused(http, tmp_path):
    """TLS is verified: whoever made a certificate himself is not asked anything."""
    request = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
    make = functools.partial(subprocess.run, request.split(), cwd=tmp_path, check=True, capture_output=True)
    await asyncio.to_thread(make)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    runner = web.ServerRunner(web.Server(lambda _request: web.Response()))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        reason = failure(await http.get(f"https://localhost:{runner.addresses[0][1]}/"), "tls")
    finally:
        await runner.cleanup()
    assert "the certificate is not valid" in reason


async def test_waiting_for_a_slot_costs_no_time_of_its_own(server):
    """With one connection for ten slow feeds, none of them times out."""
    url = server.serve("/f", b"x", delay=0.1)
    async with Http(allow_networks=LOOPBACK, timeout=0.6, connections=1) as http:
        answers = await asyncio.gather(*(http.get(url) for _ in range(10)))
    assert all(isinstance(answer, Response) for answer in answers)


async def test_a_client_that_is_not_open_says_so():
    """Using the client outside its context is a bug, not a failure of the feed."""
    with pytest.raises(RuntimeError, match="async with"):
        await Http().get("http://127.0.0.1/")
