"""What a person wants of a charger, where the charger cannot keep it."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class PersonsLimit(Protocol):
    """A charger whose person's limit is known to its driver alone."""

    def persons_limit_a(self) -> int | None:
        """Return what a person allows at most, 0 after a stop, None without a limit."""
        ...

    def recall_persons_limit(self, current_a: int) -> None:
        """Take over what a person allowed before the restart."""
        ...
