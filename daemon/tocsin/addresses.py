"""Which addresses may be dialled: those of the public Internet, and networks that the user names. Pure."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Not for hosts of the public Internet, though Python's tables call some of them global: the translated and tunnelled
# ranges can reach any IPv4 address behind the check's back (RFC 3056, 4380, 8215), the others are retired.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in ("100.64.0.0/10", "192.88.99.0/24", "2002::/16", "2001::/32", "64:ff9b:1::/48", "fec0::/10", "::/96")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def forbidden(address: str, allow: Sequence[Network] = ()) -> bool:
    """Whether `address`, an IP address in text, must not be dialled: not of the public Internet, and not in `allow`.

    An IPv4 address inside an IPv6 one (mapped, RFC 4291; NAT64, RFC 6052) is judged as the IPv4 address it is.
    """
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if any(ip in network for network in allow):
        return False
    return (
        not ip.is_global
        or ip.is_multicast
        or ip.is_reserved
        or ip.is_unspecified
        or any(ip in network for network in _NOT_PUBLIC)
    )
