"""Kinds of settings: each kind checks a value, and its error names the expected values."""

from __future__ import annotations

import math
import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from traitlets import Float, Int, List, Unicode

_POLICY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


class Seconds(Float[Any, Any]):
    """A number above 0; not a truth value, not infinite."""

    def info(self) -> str:
        return "a number above 0"

    def validate(self, obj: Any, value: Any) -> float:
        number: float = super().validate(obj, value)
        if isinstance(value, bool) or not 0 < number < math.inf:
            self.error(obj, value)
        return number


class Share(Float[Any, Any]):
    """A number from 0 to 1; not a truth value."""

    def info(self) -> str:
        return "a number from 0 to 1"

    def validate(self, obj: Any, value: Any) -> float:
        number: float = super().validate(obj, value)
        if isinstance(value, bool) or not 0 <= number <= 1:
            self.error(obj, value)
        return number


class Count(Int[Any, Any]):
    """A whole number from ``min`` on; not a truth value."""

    def info(self) -> str:
        return f"a whole number, {self.min} or more"

    def validate(self, obj: Any, value: Any) -> int:
        number: int = super().validate(obj, value)
        if isinstance(value, bool):
            self.error(obj, value)
        return number


class Text(Unicode[Any, Any]):
    """Any text."""

    def info(self) -> str:
        return "text"


class Address(Text):
    """The address of a web page, or an empty text."""

    def info(self) -> str:
        return "an address that begins with https:// or http://"

    def validate(self, obj: Any, value: Any) -> str:
        text: str = super().validate(obj, value)
        if text and not re.fullmatch(r"https?://[^\s<>/][^<>\n]*", text):
            self.error(obj, value)
        return text


class TimeZone(Text):
    """The name of a time zone of the IANA database."""

    def info(self) -> str:
        return "the IANA name of a time zone, such as Europe/Berlin"

    def validate(self, obj: Any, value: Any) -> str:
        text: str = super().validate(obj, value)
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, a path, a folder of zones
            self.error(obj, value)
        return text


class PolicyName(Text):
    """The name of a policy for late work, or an empty text."""

    def info(self) -> str:
        return "an empty text, late_days, or MODULE:CLASS"

    def validate(self, obj: Any, value: Any) -> str:
        text: str = super().validate(obj, value)
        if text not in ("", "late_days") and not _POLICY.fullmatch(text):
            self.error(obj, value)
        return text


class Names(List[str]):
    """A list of texts; a single text is refused."""

    def info(self) -> str:
        return "a list of names"

    def set(self, obj: Any, value: Any) -> None:
        if isinstance(value, str):  # traitlets would make a list of it
            self.error(obj, value)
        super().set(obj, value)
