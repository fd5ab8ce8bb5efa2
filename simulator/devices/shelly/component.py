"""The components that a newer Shelly consists of, and the methods that each of them has."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ..rpc import Method, Params, RpcError

INVALID_ARGUMENT = -103
NOT_FOUND = -105
UNAVAILABLE = -114

type Json = Mapping[str, object]
type Command = tuple[Callable[[Params], object], Callable[[Params], object]]
"""What a command does and returns, and what it would return without doing it."""


@dataclass(slots=True, kw_only=True)
class Component:
    """One component, e.g. ``EM1`` number 0, whose key in the status is ``em1:0``."""

    kind: str
    number: int | None = None
    status: Callable[[], Json]
    config: dict[str, object] = field(default_factory=dict)
    restart_keys: frozenset[str] = frozenset()
    """Settings that take effect with the next restart only."""
    reads: Mapping[str, Callable[[Params], object]] = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name of the component in status and configuration."""
        return self.kind.lower() if self.number is None else f"{self.kind.lower()}:{self.number}"

    def configure(self, params: Params) -> Mapping[str, bool]:
        """Do ``SetConfig``; raises RpcError for settings that there are not."""
        changes = params.get("config")
        if not isinstance(changes, dict):
            raise RpcError(INVALID_ARGUMENT, "Missing required argument 'config'!")
        for name, value in changes.items():
            known = self.config.get(name)
            if name not in self.config or (known is not None and type(value) is not type(known)):
                raise RpcError(INVALID_ARGUMENT, f"Invalid argument 'config.{name}'!")
        changed = {name for name, value in changes.items() if value != self.config[name]}
        self.config.update(changes)
        return {"restart_required": bool(changed & self.restart_keys)}


def methods_of(components: Iterable[Component]) -> Iterable[Method]:
    """Return the methods of all components, those of one kind under one name."""
    kinds: dict[str, list[Component]] = defaultdict(list)
    for component in components:
        kinds[component.kind].append(component)
    for kind, members in kinds.items():
        yield from _methods_of_kind(kind, members)


def _methods_of_kind(kind: str, members: list[Component]) -> Iterable[Method]:
    def asked(params: Params) -> Component:
        return _asked(members, params)

    yield Method(name=f"{kind}.GetStatus", handle=lambda params: asked(params).status())
    yield Method(name=f"{kind}.GetConfig", handle=lambda params: asked(params).config)
    if members[0].config:
        yield Method(
            name=f"{kind}.SetConfig",
            handle=lambda params: asked(params).configure(params),
            acknowledge=lambda _params: {"restart_required": False},
        )
    for name in members[0].reads:
        yield Method(name=f"{kind}.{name}", handle=_read(members, name))
    for name in members[0].commands:
        act, acknowledge = _command(members, name)
        yield Method(name=f"{kind}.{name}", handle=act, acknowledge=acknowledge)


def _read(members: list[Component], name: str) -> Callable[[Params], object]:
    def read(params: Params) -> object:
        return _asked(members, params).reads[name](params)

    return read


def _command(members: list[Component], name: str) -> Command:
    def act(params: Params) -> object:
        return _asked(members, params).commands[name][0](params)

    def acknowledge(params: Params) -> object:
        return _asked(members, params).commands[name][1](params)

    return act, acknowledge


def _asked(members: list[Component], params: Params) -> Component:
    """Return the member with the ``id`` of the parameters."""
    if members[0].number is None:
        return members[0]
    if "id" not in params:
        raise RpcError(INVALID_ARGUMENT, "Missing required argument 'id'!")
    for component in members:
        if component.number == params["id"] and not isinstance(params["id"], bool):
            return component
    raise RpcError(NOT_FOUND, f"Argument 'id', value {params['id']} not found!")
