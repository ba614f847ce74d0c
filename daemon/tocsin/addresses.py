"""Which addresses may be dialled: those of the public Internet, and networks that the user names. Pure."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# A list of our own, as Python's `is_global` says something else from one patch release to the next. Both of IANA's
# special-purpose registries (https://www.iana.org/assignments/iana-ipv4-special-registry, and -ipv6-), but the blocks
# that route to whoever is nearest (AS112, AMT); what can reach any IPv4 address behind the check's back (6to4, Teredo:
# RFC 3056, 4380); and a cloud's platform at an address that looks public (168.63.129.16:
# https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16). 192.0.0.0/24 has another's, .192.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
# All that IANA has given to hosts of the public Internet (https://www.iana.org/assignments/ipv6-address-space).
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
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
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return True
    return any(ip in network for network in _NOT_PUBLIC)
