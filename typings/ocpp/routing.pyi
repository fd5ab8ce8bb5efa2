# The library ships no types: what is used of it.
from collections.abc import Callable

def on[F: Callable[..., object]](action: str) -> Callable[[F], F]: ...
