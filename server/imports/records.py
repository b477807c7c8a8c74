"""Lines of a text as records of fields: one at a time, whatever is wrong with some of them."""

import csv
from collections.abc import Iterator
from typing import IO, NamedTuple

from server.imports.encodings import Delimiter

LINE_MOST = 1 << 18
"""Signs of a line; a longer one is taken apart, and its parts are wrong records."""
RECORD_LINES_MOST = 20
"""Lines of one record; a quote that is open for longer was never meant to be closed."""

UNCLOSED = "a quote is opened and not closed"
TOO_LONG = "a text is longer than 131,072 signs"
FEWER = "has fewer fields than the header; was the file cut off?"
MORE = "has more fields than the header; texts with a separator in them stand in quotes"


class Record(NamedTuple):
    """One record, from the line `number` on, counted from 1; `fault` says why it has no fields."""

    number: int
    fields: list[str]
    fault: str = ""


class _UnclosedError(Exception):
    """A record goes on for too long, or until the end."""


class _Lines:
    """The lines of a file; remembers those of the record that is being read, to give them back."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._again = file, list[str]()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._file.readline(LINE_MOST)
        # The reader asks for a further line within a record only while a quote is open.
        if (not line and self.taken) or len(self.taken) == RECORD_LINES_MOST:
            self._again += [line] if line else []
            raise _UnclosedError
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.number += 1
        return line

    def give_back_all_but_first(self) -> None:
        """Read what the last record swallowed once more, line by line."""
        again = self.taken[1:]
        self.number -= len(again)
        self._again += reversed(again)


def read_records(file: IO[str], delimiter: Delimiter) -> Iterator[Record]:
    """The records of a text, the header first; lines with nothing in them are passed over.

    A record whose lines do not fit the header's width is given up after its first line: the others are read again.
    """
    lines, width = _Lines(file), 0
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.taken.clear()
        number = lines.number + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (_UnclosedError, csv.Error) as error:
            lines.give_back_all_but_first()
            yield Record(number, [], UNCLOSED if isinstance(error, _UnclosedError) else TOO_LONG)
            continue
        if not any(fields):
            continue
        width = width or len(fields)
        if len(fields) > width:
            fields = _without_empty_end(fields, width)
        if len(fields) == width:
            yield Record(number, fields)
            continue
        lines.give_back_all_but_first()
        yield Record(number, [], FEWER if len(fields) < width else MORE)


def _without_empty_end(fields: list[str], width: int) -> list[str]:
    return fields if any(fields[width:]) else fields[:width]
