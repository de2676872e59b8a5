"""Text for spreadsheets."""

from __future__ import annotations

_FORMULA_STARTS = tuple("=+-@|%＝＋－＠\t\r\n")


def harmless(text: str | None) -> str:
    """Text that no spreadsheet reads as a formula: a dangerous first character is quoted."""
    text = (text or "").replace("\0", "")
    is_formula = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    return f"'{text}" if is_formula else text
