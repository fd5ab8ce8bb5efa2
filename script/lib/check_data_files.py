"""Check that JSON, YAML and TOML files can be read and give no key twice.

Arguments are files or folders; files of other kinds are passed over.
"""

from collections.abc import Callable, Iterable, Iterator
import json
from pathlib import Path
import sys
import tomllib
from typing import Any, override

import yaml


class DuplicateKeyError(ValueError):
    """A mapping has the same key twice; readers silently keep the last."""


class StrictLoader(yaml.SafeLoader):
    """Refuses duplicate keys; leaves Home Assistant's own tags (!input, !secret) alone."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping of the node."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        refuse_duplicates(keys)
        return super().construct_mapping(node, deep=deep)


StrictLoader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def refuse_duplicates(keys: list[Any]) -> None:
    """Raise DuplicateKeyError for the first key that comes twice."""
    for key in keys:
        if keys.count(key) > 1:
            message = f"{key!r} is there twice"
            raise DuplicateKeyError(message)


def strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, refusing duplicate keys."""
    refuse_duplicates([key for key, _ in pairs])
    return dict(pairs)


READERS: dict[str, Callable[[str], object]] = {
    ".json": lambda text: json.loads(text, object_pairs_hook=strict_object),
    ".toml": tomllib.loads,
    ".yaml": lambda text: list(yaml.load_all(text, Loader=StrictLoader)),
    ".yml": lambda text: list(yaml.load_all(text, Loader=StrictLoader)),
}


def found(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files among the paths and inside of them that there is a reader for."""
    for path in paths:
        if path.is_dir():
            yield from found(sorted(path.iterdir()))
        elif path.suffix in READERS:
            yield path


def main(names: list[str]) -> int:
    """Check all files, print what is wrong, and return the exit status."""
    wrong = 0
    for path in found(map(Path, names)):
        try:
            READERS[path.suffix](path.read_text(encoding="utf-8"))
        except (ValueError, yaml.YAMLError) as err:
            print(f"{path}: {err}", file=sys.stderr)
            wrong += 1
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
