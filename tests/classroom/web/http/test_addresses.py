"""Limits count the networks of addresses."""

from __future__ import annotations

import pytest

from classroom.web.http.addresses import network_of


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "unknown"),
        ("1.2.3.4, 5.6.7.8", "unknown"),
        ("", "unknown"),
    ],
)
def test_one_machine_is_counted_as_one(address: str, counted: str) -> None:
    assert network_of(address) == counted
