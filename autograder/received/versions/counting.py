"""The version that counts, for each notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from autograder.received.versions.version import Version


class CountingPolicy(ABC):
    """Chooses the version of a notebook that counts."""

    @abstractmethod
    def choose(self, notebook: str, versions: Sequence[Version]) -> Version:
        """One of ``versions``, which all hold the notebook, the oldest first; not empty."""


class Latest(CountingPolicy):
    """The latest hand-in counts; a file that cannot be read replaces no readable one."""

    def choose(self, notebook: str, versions: Sequence[Version]) -> Version:
        readable = [one for one in versions if one.notebooks[notebook].is_readable]
        return (readable or list(versions))[-1]


def counting_versions(versions: Sequence[Version], policy: CountingPolicy) -> dict[str, Version]:
    """The counting version of each notebook, in the order of names."""
    ordered = sorted(versions, key=lambda version: version.order)
    names = sorted({name for version in ordered for name in version.notebooks})
    return {
        name: policy.choose(name, [one for one in ordered if name in one.notebooks])
        for name in names
    }
