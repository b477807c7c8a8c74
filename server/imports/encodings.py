"""In which encoding a text is, and what parts its columns, when nobody said.

The rules, in order: a byte order mark says it. Every second byte zero is UTF-16, which writes Latin signs, digits and
separators so. Else the first megabyte that is not plain ASCII decides: where at least ten times as much of it is well
formed UTF-8 as is not, it is UTF-8, for no other encoding looks so by chance, and a few broken bytes are damage. What
is left has one byte for a sign: Russian words are runs of bytes above 0xC0, the accented letters of Western languages
stand alone, so it is Windows-1251 where most of these bytes have such a neighbour, and Windows-1252 otherwise.
"""

import codecs
import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "windows-1251", "windows-1252"]
Delimiter = Literal[",", ";", "\t", "|"]

DELIMITERS: tuple[Delimiter, ...] = (";", "\t", "|", ",")
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 4096
_LETTERS = re.compile(rb"[\xc0-\xff\xa8\xb8]+")


def find_encoding(path: Path) -> Encoding:
    """The encoding of a text file; `utf-8` also stands for UTF-8 with a byte order mark.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        chunk = file.read(CHUNK_BYTES)
        marked = _by_mark(chunk[:HEAD_BYTES]) or _by_zeros(chunk[:HEAD_BYTES])
        if marked:
            return marked
        while chunk.isascii() and chunk:
            chunk = file.read(CHUNK_BYTES)
    return _by_signs(chunk)


def find_delimiter(lines: Sequence[str]) -> Delimiter:
    """What parts the columns: what parts most lines into as many fields as the first has, and into the most.

    A comma comes last, because decimal commas look like it.
    """
    usual = [line for line in lines if len(line) <= csv.field_size_limit()]
    return max(DELIMITERS, key=lambda delimiter: _evenness(usual, delimiter))


def _evenness(lines: Sequence[str], delimiter: Delimiter) -> tuple[float, int]:
    widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    if not widths or widths[0] == 1:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _by_mark(head: bytes) -> Encoding | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def _by_zeros(head: bytes) -> Encoding | None:
    pairs = len(head) // 2
    if head[1::2].count(0) > pairs * 0.4 and head[::2].count(0) == 0:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > pairs * 0.4 and head[1::2].count(0) == 0 else None


def _by_signs(chunk: bytes) -> Encoding:
    text = chunk.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not sign.isascii() for sign in text) - broken
    if broken * 10 <= whole or not chunk:
        return "utf-8"
    runs = [len(run) for run in _LETTERS.findall(chunk)]
    return "windows-1251" if 2 * sum(n for n in runs if n > 1) > sum(runs) else "windows-1252"
