"""Bytes to text: what editors and spreadsheets write, told apart without asking."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes | str) -> str:
    """The text; never fails, for a wrong guess shows up as malformed entries."""
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    for mark, coding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(coding, "replace")
    for coding in _likely(data[:4096]):
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _likely(start: bytes) -> tuple[str, ...]:
    """Excel's "Unicode text" without a mark has a NUL in every other byte; its CSV is GBK."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 4:
        return ("utf-16-le", "utf-16-be") if odd > even else ("utf-16-be", "utf-16-le")
    return ("utf-8", "gb18030")
