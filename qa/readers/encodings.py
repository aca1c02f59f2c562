"""Bytes to text: UTF-8 first, then what the file declares, then what its bytes look like."""

from __future__ import annotations

import re

_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,100}encoding=["']([\w.-]+)|^%+\s*Encoding:\s*([\w.-]+)""", re.I | re.M
)
_LOOKED_AT = 4096  # bytes from the start, which hold a declaration if there is one


def decode(data: bytes) -> str | None:
    r"""The text of a file, its lines ending in \n; None where it is no text.

    UTF-8 and UTF-16 with or without their mark, an encoding named in the file (XML, JabRef), and by the
    look of the bytes GBK or Latin-1. Single lines of Latin-1 within UTF-8 are read too.
    """
    text = _text(data.rstrip(b"\x1a"))  # the end mark of old systems
    return None if text is None else text.replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes) -> str | None:
    if wide := _wide(data):
        return data.decode(wide, "replace")
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None if _CONTROLS.search(data) else _declared(data) or _mixed(data) or _guessed(data)


def _wide(data: bytes) -> str | None:
    """UTF-16 by its mark, or by the empty bytes that it has between Latin letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = data[:_LOOKED_AT]
    half = len(start) // 2
    if half < 2 or start.count(b"\0") < 0.5 * half:
        return None
    empty = (start[::2].count(0), start[1::2].count(0))
    return {(True, False): "utf-16-be", (False, True): "utf-16-le"}.get((empty[0] > 0, empty[1] > 0))


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_LOOKED_AT])
    if not match:
        return None
    try:
        return data.decode((match[1] or match[2]).decode())
    except (LookupError, UnicodeDecodeError):
        return None


def _mixed(data: bytes) -> str | None:
    """UTF-8 in which single lines are something else, as in files put together from several."""
    lines = data.split(b"\n")
    wrong = {at for at, line in enumerate(lines) if not _is_utf8(line)}
    right = sum(not line.isascii() for line in lines) - len(wrong)
    if right < len(wrong):
        return None
    return "\n".join(_guessed(line) if at in wrong else line.decode() for at, line in enumerate(lines))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _guessed(data: bytes) -> str:
    """GBK where high bytes come in pairs, as they do in it and seldom elsewhere; Latin-1 otherwise."""
    runs = [len(run) for run in _HIGH.findall(data)]
    if sum(run % 2 == 0 for run in runs) >= 0.9 * len(runs):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
