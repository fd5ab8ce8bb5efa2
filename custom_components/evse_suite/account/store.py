"""An account on disk: a snapshot, then a line for everything that happened since.

What must not be lost is flushed to the disk before anybody is told that it was done. A line carries
its checksum; whatever a crash leaves behind, at most the last line is torn, and the next line is
written in its place. A new snapshot goes into a file of its own that takes the old one's place at
once; the old one is kept until the next. Everything here blocks and belongs into an executor.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
import os
from pathlib import Path
import re
from typing import Any, Final
import zlib

import orjson

MOST_BYTES: Final = 512 * 1024
"""A journal that has grown by more than this is written anew."""
SNAPSHOT: Final = "snapshot"
LINE: Final = re.compile(rb"([0-9a-f]{8}) (\{.*\})\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read of an account."""

    snapshot: Any = None
    """None where there is no account that can be read."""
    lines: tuple[dict[str, Any], ...] = ()
    """What happened since the snapshot, in order."""
    damaged: int = 0
    """Lines that cannot be read, but for a torn last one."""


class Journal:
    """The files of one account."""

    def __init__(self, path: Path) -> None:
        """Take the journal's path; its folder is made with the first snapshot."""
        self._path = path
        self._before = path.with_suffix(".before")
        self._end = 0
        """Bytes of the journal that are whole lines."""
        self._snapshot_end = 0

    @property
    def is_long(self) -> bool:
        """Whether it is time for a new snapshot."""
        return self._end - self._snapshot_end > MOST_BYTES

    def read(self) -> Found:
        """Return what is kept; raises OSError if a file is there and cannot be read.

        Where the newest snapshot cannot be read, the one before and all that followed make up for
        it.
        """
        newest = _content(self._path)
        self._end = _whole(newest)
        records, damaged = _records(newest)
        if not records or SNAPSHOT not in records[0]:
            older, more_damaged = _records(_content(self._before))
            records, damaged = [*older, *records], damaged + more_damaged
        if not records or SNAPSHOT not in records[0]:
            return Found(damaged=damaged)
        lines = tuple(record for record in records if SNAPSHOT not in record)
        return Found(snapshot=records[0][SNAPSHOT], lines=lines, damaged=damaged)

    def add(self, lines: Iterable[dict[str, Any]], *, durable: bool) -> None:
        """Add lines to the journal; with ``durable`` they are on the disk when this returns.

        Raises OSError if the disk does not take them; then none of them is kept.
        """
        content = b"".join(_line(line) for line in lines)
        # Without a buffer: one that could not be written would be written again at the end.
        with self._path.open("r+b", buffering=0) as file:
            file.seek(self._end)
            file.truncate()
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[file.write(rest) :]
                if durable:
                    os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), self._end)
                    os.fsync(file.fileno())
                raise
        self._end += len(content)

    def write(self, snapshot: object) -> None:
        """Begin anew with a snapshot of everything; raises OSError if the disk does not take it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = _line({SNAPSHOT: snapshot})
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            self._path.replace(self._before)
        fresh.replace(self._path)
        self._end = self._snapshot_end = len(content)
        _sync_folder(self._path.parent)


def tidy(folder: Path, keys: Collection[str]) -> None:
    """Delete the files of all accounts but these, and a folder that is then empty."""
    for path in folder.glob("*.*"):
        if path.stem not in keys:
            path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _line(record: dict[str, Any]) -> bytes:
    data = orjson.dumps(record)
    return b"%08x %b\n" % (zlib.crc32(data), data)


def _content(path: Path) -> bytes:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return b""


def _whole(content: bytes) -> int:
    """Return how many bytes are lines; what comes after is torn."""
    return content.rfind(b"\n") + 1


def _records(content: bytes) -> tuple[list[dict[str, Any]], int]:
    """Return the lines that can be read, and how many cannot."""
    lines = content[: _whole(content)].splitlines(keepends=True)
    records = list(_readable(lines))
    return records, len(lines) - len(records)


def _readable(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        match = LINE.fullmatch(line)
        if match is None or zlib.crc32(match[2]) != int(match[1], 16):
            continue
        yield orjson.loads(match[2])


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file survive a power cut as well."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
