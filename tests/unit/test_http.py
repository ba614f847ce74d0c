"""The client's own judgements: which addresses are dialled, what is secret, what can be sent back."""

import gzip
import zlib
from ipaddress import ip_address, ip_network

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.addresses import forbidden
from tocsin.http import Response, redact
from tocsin.unpacking import unpacker


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.9",
        "192.88.99.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.0.8",
        "192.0.0.100",
        "192.0.0.192",
        "192.0.0.9",
        "168.63.129.16",
        "198.51.100.7",
        "::ffff:168.63.129.16",
        "64:ff9b::c000:c0",
        "3fff::1",
        "5f00::1",
        "100::1",
        "2001:2::1",
        "2001:10::1",
        "4000::1",
        "::",
        "::1",
        "::7f00:1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "2001:0:1234::1",
    ],
)
def test_addresses_off_the_public_internet_are_forbidden(address):
    """Private, loopback, link-local, shared, test, multicast and reserved ranges, in IPv6's disguises too."""
    assert forbidden(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "168.63.129.17",
        "192.0.1.1",
        "192.31.196.1",
        "223.255.255.255",
        "2001:4860:4860::8888",
        "2620:fe::fe",
    ],
)
def test_public_addresses_are_dialled(address):
    """The public Internet, also through NAT64, is open."""
    assert not forbidden(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1"])
def test_an_allowed_network_is_dialled(address):
    """A range that the operator names is open, under each spelling of the address."""
    allow = (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    assert not forbidden(address, allow)
    assert forbidden("10.0.0.1", allow)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_can_not_hide_in_ipv6(ip):
    """Mapped and translated, an address is judged as what it is; and nothing that Python calls private is dialled."""
    judged = forbidden(str(ip))
    assert judged or not ip.is_private
    assert forbidden(str(ip_address(f"::ffff:{ip}"))) == judged
    assert forbidden(str(ip_address(int(ip_address("64:ff9b::")) + int(ip)))) == judged


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/feed", "https://news.example/feed"),
        ("https://user:secret@news.example/feed", "https://news.example/feed"),
        ("https://news.example/feed?key=secret#secret", "https://news.example/feed?..."),
        (
            "https://news.example/private-5f0c8b1e2d3a4c5b6d7e8f90a1b2c3d4/a.rss",
            "https://news.example/priv\u2026/a.rss",
        ),
        ("https://news.example/%39f86d081884c7d659a2feaa0c55ad015", "https://news.example/9f86\u2026"),
        ("secret", "an address"),
        ("http://[secret", "an address"),
        ("http://news.example:secret/", "an address"),
    ],
)
def test_a_shown_address_holds_no_secret(url, shown):
    """User, password, query, fragment and what looks like a key are left out, and what can't be read is not shown."""
    assert redact(url) == shown


@given(st.text())
def test_showing_an_address_never_fails(url):
    """Whatever the text."""
    assert isinstance(redact(url), str)


def answer(**headers):
    return Response(
        status=200,
        url="https://n.example/",
        permanent_url="https://n.example/",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=b"",
    )


@pytest.mark.parametrize("value", ['"abc"', 'W/"abc"', "unquoted", "0"])
def test_a_usable_validator_is_kept_to_the_letter(value):
    """Publishers' odd entity tags are theirs to understand."""
    assert answer(etag=value).etag == value
    assert answer(last_modified=value).last_modified == value


@pytest.mark.parametrize("value", ["", "  ", '"a\r\nX: y"', '"\udcff"', '"é"', '"\x00"', '"' + "x" * 600 + '"'])
def test_a_validator_that_can_not_be_sent_back_is_dropped(value):
    """Control characters, bytes that aren't ASCII, and endless tags are as good as none."""
    assert answer(etag=value).etag is None


def test_no_validator_is_none():
    """Most feeds have one of the two at most."""
    assert (answer().etag, answer().last_modified) == (None, None)


def test_the_content_type_is_bare():
    """Parameters and case are nobody's business."""
    assert answer(content_type=" Application/RSS+XML; charset=utf-8").content_type == "application/rss+xml"
    assert answer().content_type == ""


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def members(data):
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :]) + b"\0\0"


CODINGS = {
    "gzip": [gzip.compress, members],
    "x-gzip": [gzip.compress],
    "deflate": [zlib.compress, raw_deflate],
    "br": [lambda data: brotli.compress(data, quality=1)],
    "": [bytes],
    "identity": [bytes],
    "utf-8": [bytes],
}
WAYS = [(coding, pack) for coding, packs in CODINGS.items() for pack in packs]


def unpack(coding, packed, step, room):
    undone, out = unpacker(coding), bytearray()
    for start in range(0, len(packed), step):
        out += undone.feed(packed[start : start + step], room - len(out))
        if len(out) > room:
            break
    return bytes(out), undone.complete


@pytest.mark.parametrize(("coding", "pack"), WAYS)
@given(data=st.binary(min_size=1, max_size=500), step=st.integers(1, 700))
def test_every_coding_is_undone_however_it_is_cut(coding, pack, data, step):
    """The pieces in which a body arrives don't matter."""
    assert unpack(coding, pack(data), step, 10_000) == (data, True)


@pytest.mark.parametrize(("coding", "pack"), WAYS)
def test_no_coding_unpacks_far_beyond_its_room(coding, pack):
    """A bomb stops one byte past the cap (brotli: one of its blocks), not at its full size."""
    out, _ = unpack(coding, pack(b"\0" * 5_000_000), 5_000_000, 1000)
    assert 1000 < len(out) <= 70_000


@pytest.mark.parametrize(("coding", "pack"), [way for way in WAYS if way[0] not in {"", "identity", "utf-8"}])
def test_a_body_that_breaks_off_is_not_complete(coding, pack):
    """Half a compressed body is no body."""
    packed = pack(bytes(range(256)) * 20)
    assert unpack(coding, packed[:-12], 700, 10_000)[1] is False


def test_an_empty_body_is_complete_in_any_coding():
    """Servers label an empty body as compressed, too."""
    assert all(unpacker(coding).complete for coding in CODINGS)
    assert unpacker("br").feed(b"", 10) == b""


def test_a_crowd_of_gzip_members_is_refused():
    """Each member costs a copy of what is left, so that thousands of them are an attack."""
    with pytest.raises(zlib.error):
        unpack("gzip", gzip.compress(b"x") * 3000, 10**6, 10_000)


def test_what_follows_a_gzip_body_is_ignored():
    """Padding and garbage after the last member are not part of the document."""
    assert unpack("gzip", gzip.compress(b"x") + b"\0\0junk", 10**6, 10_000) == (b"x", True)
