"""The JSON-RPC table that the Lektrico and the newer Shelly devices have in common."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
import json

from multidict import MultiMapping

from .faults import Faults

type Params = Mapping[str, object]


class RpcError(Exception):
    """An error that goes to the client in the protocol's own form."""

    def __init__(self, code: int, message: str) -> None:
        """Keep the protocol's code."""
        super().__init__(message)
        self.code = code
        self.message = message

    def as_json(self) -> dict[str, object]:
        """Return the object that stands in the place of a result."""
        return {"code": self.code, "message": self.message}


class UnknownMethodError(Exception):
    """There is no such method; how that is told differs between protocols and forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method; ``acknowledge`` makes it a command and tells how success is reported."""

    name: str
    handle: Callable[[Params], object]
    acknowledge: Callable[[Params], object] | None = None


class MethodTable:
    """The methods of one device, found by name in any case."""

    def __init__(self, methods: Iterable[Method], faults: Faults, refusal: RpcError) -> None:
        """Commands meet the faults of the device; ``refusal`` is what a refused one answers."""
        self._methods = {method.name.lower(): method for method in methods}
        self._faults = faults
        self._refusal = refusal

    @property
    def names(self) -> list[str]:
        """The names in the device's own spelling, sorted."""
        return sorted(method.name for method in self._methods.values())

    def call(self, name: str, params: Params) -> object:
        """Return the result; raises RpcError or UnknownMethodError."""
        method = self._methods.get(name.lower())
        if method is None:
            raise UnknownMethodError(name)
        if method.acknowledge is not None:
            if self._faults.refuse_commands:
                raise self._refusal
            if self._faults.ignore_commands:
                return method.acknowledge(params)
        return method.handle(params)


def query_params(query: MultiMapping[str]) -> dict[str, object]:
    """Return the parameters of a GET form: JSON values where they parse, else text."""
    return {key: _value(text) for key, text in query.items()}


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
