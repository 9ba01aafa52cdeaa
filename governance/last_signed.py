"""What did this log sign last? A file outside the database that remembers when the database forgets.

It holds the last signed checkpoint, nothing else. A database restored from an old backup is shorter than what it says,
a swapped one differs, and either is refused before it could sign a second history. Keep the file where no backup of
the database reaches it. It is replaced only by compare-and-swap: whoever did not read what it says now may not write.

A lost file is mended by hand: put the latest checkpoint that anybody has (an issued record holds one) in its place.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from governance.refusal import Refused


class GuardRefused(Refused):
    """The file of the last signed checkpoint is missing, moved on, or cannot be written."""


class LastSigned:
    """The file at `path`; beside it `path.lock`, which is held while the log signs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str:
        """The last signed checkpoint, as text. Raises GuardRefused if there is none."""
        try:
            return self._path.read_bytes().decode()
        except (OSError, ValueError):
            raise GuardRefused(
                f"no last signed checkpoint at `{self._path}`",
                "write the latest checkpoint kept elsewhere (an issued record holds one) to that file",
            ) from None

    def exists(self) -> bool:
        """Whether this log has signed before."""
        return self._path.exists()

    @contextmanager
    def held(self) -> Iterator[None]:
        """While inside, nobody else signs under this guard, in any process or thread. Waits for its turn."""
        try:
            handle = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise GuardRefused(f"cannot lock `{self._path}`: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def swap(self, expected: str | None, new: str) -> None:
        """Replace `expected` (`None`: no file) by `new`, durably and whole. Raises GuardRefused if the file says else.

        To be called inside `held`.
        """
        if self.exists() if expected is None else self.read() != expected:
            raise GuardRefused(f"`{self._path}` was changed meanwhile", "somebody else signs with this guard")
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            with fresh.open("wb") as file:
                file.write(new.encode())
                file.flush()
                os.fsync(file.fileno())
            put_in_place(fresh, self._path)
        except OSError as error:
            raise GuardRefused(f"cannot write `{self._path}`: {error.strerror}") from None


def put_in_place(fresh: Path, path: Path) -> None:
    """Give the finished file `fresh` its name, whole or not at all, durable on return. Raises OSError."""
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
