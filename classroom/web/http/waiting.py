"""Connections that wait for their clients, limited in number."""

from __future__ import annotations

import asyncio
from typing import Protocol

from classroom.web.http.addresses import network_of


class Connection(Protocol):
    """The interface of a connection here."""

    transport: asyncio.Transport

    @property
    def expected(self) -> bool:
        """Return whether the connection has an upload of a known person; it is never dropped."""


class Waiting:
    """The waiting connections of one server, oldest first.

    Beyond ``most``, the oldest connection of the network with the most connections is dropped. A
    client that opens thousands only displaces connections of its own network.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: dict[Connection, str] = {}
        self._by_network: dict[str, dict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, connection: Connection, address: str) -> None:
        """Add a connection as the newest; if there are too many, drop another connection."""
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
        """Remove a connection if it is known."""
        network = self._all.pop(connection, None)
        if network is not None:
            del self._by_network[network][connection]
            if not self._by_network[network]:
                del self._by_network[network]
