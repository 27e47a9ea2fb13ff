"""Which addresses a page from outside may lead us to: public unicast only."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What `is_global` of Python 3.11 does not refuse by itself: local-use NAT64 (RFC 8215), Teredo and the other protocol
# assignments, discard-only, site-local (RFC 3879), IPv4-compatible (RFC 4291 2.5.5.1), the 6to4 relay (RFC 7526).
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        ("64:ff9b:1::/48", "2001::/23", "100::/64", "fec0::/10", "::/96", "192.88.99.0/24"),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address


def is_public(text: str) -> bool:
    """Tell whether this is an address of the public internet; what carries an IPv4 address is judged by that.

    Refused: loopback, private, link-local (cloud metadata), CGNAT, multicast, unspecified, reserved, unique local, and
    the same dressed as IPv4-mapped, 6to4 or NAT64. An unreadable address is refused.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return _is_public(_carried(address))


def _carried(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    # Multicast, reserved and link-local are asked for by name: some of their blocks count as "global".
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_link_local
        and not any(address in network for network in _NEVER)
    )
