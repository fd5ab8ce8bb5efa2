"""The records on disk: one file of JSON lines for each year, only ever added to.

A line is written whole and flushed to the disk before the next. Whatever a crash leaves behind,
at most the last line is torn, and a torn line is skipped and ended when the next is written. A
change is a further line with the same key; the last one counts. Everything here blocks and belongs
into an executor.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
from typing import Final

import orjson

from .codec import BadRecordError, session_from_json, session_to_json
from .record import Session

SUFFIX: Final = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read; ``skipped`` lines could not be."""

    sessions: tuple[Session, ...]
    """By their begin."""
    skipped: int = 0


class Archive:
    """All sessions of a site that have ended."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the site; it is made with the first record."""
        self._folder = folder

    def add(self, session: Session) -> None:
        """Write a session, or the change of one.

        Raises OSError if the disk does not take it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        line = orjson.dumps(session_to_json(session)) + b"\n"
        with (self._folder / f"{session.start.year}{SUFFIX}").open("ab+") as file:
            is_new = file.tell() == 0
            if not is_new and _last_byte(file.fileno()) != b"\n":
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _sync_folder(self._folder)

    def read(self, first_year: int | None = None, last_year: int | None = None) -> Found:
        """Return the sessions that began in these years, all without.

        Raises OSError if a file is there and cannot be read.
        """
        sessions: dict[str, Session] = {}
        skipped = 0
        for year, path in self._files():
            if (first_year or year) <= year <= (last_year or year):
                skipped += _read_into(sessions, path)
        ordered = sorted(sessions.values(), key=lambda it: (it.start, it.key))
        return Found(sessions=tuple(ordered), skipped=skipped)

    def find(self, key: str) -> Session | None:
        """Return the session with a key."""
        return next((it for it in self.read().sessions if it.key == key), None)

    def remove(self) -> None:
        """Delete everything."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder)

    def _files(self) -> Iterable[tuple[int, Path]]:
        paths = sorted(self._folder.glob(f"*{SUFFIX}")) if self._folder.is_dir() else []
        return [(int(path.stem), path) for path in paths if path.stem.isdecimal()]


def _last_byte(descriptor: int) -> bytes:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1)


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file survive a power cut as well."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_into(sessions: dict[str, Session], path: Path) -> int:
    """Add the sessions of a file and return how many lines were none."""
    skipped = 0
    for line in path.read_bytes().splitlines():
        if not line.strip():
            continue
        try:
            session = session_from_json(orjson.loads(line))
        except orjson.JSONDecodeError, BadRecordError:
            skipped += 1
        else:
            sessions[session.key] = session
    return skipped
