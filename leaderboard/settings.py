"""What a server can be told, and what holds when it is not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """So many requests at once, and so many a second after that."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Settings:
    """The limits of one server. A whole class may sit behind one address, hence ``address``."""

    max_upload_bytes: int = 4 * 1024 * 1024
    upload_timeout_s: float = 60.0
    invalid_kept: int = 50  # refused files that stay in a team's list
    token: Rate = Rate(burst=60, per_second=2.0)
    address: Rate = Rate(burst=2000, per_second=200.0)
    failed_tokens: Rate = Rate(burst=30, per_second=0.2)  # wrong tokens from one address
