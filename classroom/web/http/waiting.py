"""Connections that wait for their clients, bounded for each network address."""

from __future__ import annotations

import asyncio
from typing import Protocol

from classroom.web.http.addresses import network_of


class Connection(Protocol):
    """What is needed of a connection."""

    transport: asyncio.Transport

    @property
    def expected(self) -> bool:
        """Return whether it brings something from somebody known: then it is not dropped."""


class Waiting:
    """The connections of one server that wait for their clients, the oldest first.

    Beyond ``most``, the oldest connection of the network with the most of them is dropped. So a
    client that opens thousands can take the places of others at the same address only.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: dict[Connection, str] = {}
        self._by_network: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, connection: Connection, address: str) -> None:
        """Add a connection as the newest, and drop another one where there are too many."""
        self.remove(connection)
        network = network_of(address)
        self._all[connection] = network
        self._by_network.setdefault(network, {})[connection] = None
        if len(self._all) > self._most:
            largest = max(self._by_network.values(), key=len)
            dropped = next((one for one in largest if not one.expected), None)
            if dropped is not None:
                self.remove(dropped)
                dropped.transport.abort()

    def remove(self, connection: Connection) -> None:
        """Forget a connection, if it is there."""
        network = self._all.pop(connection, None)
        if network is not None:
            del self._by_network[network][connection]
            if not self._by_network[network]:
                del self._by_network[network]
