"""Pickles of tensors, read as data: no class is looked up and nothing is called.

A pickle is a program for a machine that imports and calls what it names. This reader knows the
opcodes that tensors, their containers and plain values are written with; a name becomes a
`Named`, a call becomes a `Made` (what, with which arguments), and neither does anything. A name
that is not on the list is refused all the same: its owner expects behaviour that data has not.

Python's own `pickle.Unpickler`, with a `find_class` that gives such names and calls nothing, was
weighed and is no way to read a stranger's file (Python 3.11): it makes room for whatever place in
its memo is written to (9 bytes take 4 GB and 23 seconds), puts keys into dicts that all collide
(780 kB, 49 seconds), and hashes a key of tuples within tuples by recursion in C (2 MB end the
process). Nothing of that can be bounded from outside, as it does not say what it does.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, cast

from lstmviz.errors import UsageError

MOST = 1_000_000  # opcodes and parts: far more than any checkpoint of weights has
_COSTLY = 3  # plain opcodes that a name or a call takes as long as
_LONGEST_LINE = 1 << 16  # bytes of a name or number that a line ends
_LARGEST = 1 << 128  # of whole numbers; the largest that torch.save writes has 80 bits
_LARGEST_KEY = 1 << 60  # below that a number is its own hash, and none collide


@dataclass(frozen=True)
class Named:
    """A class or function that the pickle names, which is not looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Made:
    """What the pickle would have got by calling `by`, as data."""

    by: Named
    arguments: tuple[Any, ...]
    state: Any = None
    items: dict[str | int, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Persistent:
    """What the pickle says of something outside it: of a storage, here."""

    identity: Any


ALLOWED = {
    "collections": {"OrderedDict", "defaultdict", "Counter"},
    "torch": {
        *(
            f"{kind}Storage"
            for kind in "Float Double Half BFloat16 Long Int Short Char Byte "
            "Bool ComplexFloat ComplexDouble".split()
        ),
        *"float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 uint8 bool "
        "int long".split(),
        "Size",
        "device",
        "Tensor",
    },
    "torch.storage": {"UntypedStorage", "TypedStorage", "_UntypedStorage", "_TypedStorage"},
    "torch._utils": {
        "_rebuild_tensor",
        "_rebuild_tensor_v2",
        "_rebuild_tensor_v3",
        "_rebuild_parameter",
        "_rebuild_parameter_with_state",
    },
    "torch.nn.parameter": {"Parameter"},
    "torch.serialization": {"_get_layout"},
    # What training scripts put beside the weights; kept as data, and of no further use here.
    "argparse": {"Namespace"},
    "builtins": {
        "set",
        "frozenset",
        "slice",
        "complex",
        "bytearray",
        "int",
        "float",
        "bool",
        "str",
        "list",
        "dict",
        "tuple",
    },
    "__builtin__": {
        "set",
        "frozenset",
        "slice",
        "complex",
        "bytearray",
        "int",
        "float",
        "bool",
        "unicode",
        "str",
        "long",
        "list",
        "dict",
        "tuple",
    },
    "_codecs": {"encode"},
    "datetime": {"datetime", "date", "timedelta"},
    "pathlib": {"PosixPath", "WindowsPath", "PurePosixPath", "Path"},
    "numpy": {"dtype", "ndarray"},
    "numpy.core.multiarray": {"scalar", "_reconstruct"},
    "numpy._core.multiarray": {"scalar", "_reconstruct"},
    "pytorch_lightning.utilities.parsing": {"AttributeDict"},
    "lightning_fabric.utilities.data": {"AttributeDict"},
    "lightning.fabric.utilities.data": {"AttributeDict"},
}

_MARK = object()
_DICTS = {("collections", "OrderedDict"), ("collections", "defaultdict")}


class Refused(UsageError):
    """The pickle names something that is not on the list."""

    def __init__(self, named: Named) -> None:
        self.named = named
        super().__init__(str(named))


def read_pickle(stream: IO[bytes]) -> Any:
    """The value of the next pickle in a stream, of dicts, lists, numbers, Made and Persistent.

    The parts of it can be shared and nested without bounds, so that what is as small as its
    pickle may be endless to whoever goes through it: hash, compare or print none of it.
    Entries of a dict are kept whose keys are texts or whole numbers.

    Raises:
        Refused: it names a class or function outside the list.
        UsageError: it has too many parts.
        ValueError, KeyError, IndexError, TypeError, AttributeError: it is damaged.
    """
    return _Machine().run(_Bounded(stream))


class _Bounded:
    """A stream that gives no more than it has: Python makes room for all that is asked for."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        start = stream.tell()
        self._left = stream.seek(0, io.SEEK_END) - start
        stream.seek(start)

    def read(self, size: int) -> bytes:
        found = self._stream.read(min(size, self._left))
        self._left -= len(found)
        return found

    def readline(self) -> bytes:
        found = self._stream.readline(_LONGEST_LINE)
        self._left -= len(found)
        if b"\\" in found:  # an escape, of which Python warns, and torch.save writes none
            raise ValueError("a text with escapes")
        return found


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.parts = 0  # opcodes so far, and what they had to go through

    def run(self, stream: _Bounded) -> Any:
        for opcode, argument, _ in pickletools.genops(cast("IO[bytes]", stream)):
            self.spend(1)
            name = opcode.name
            if name == "STOP":
                return self.stack.pop()
            if name in _VALUES:
                if isinstance(argument, int) and abs(argument) >= _LARGEST:
                    raise ValueError("a number that no file of weights has")
                self.stack.append(argument)
            elif name in _CONSTANTS:
                self.stack.append(_CONSTANTS[name]())
            else:
                # Any other opcode means the name of a method here, or nothing at all.
                act = cast(
                    "Callable[[_Machine, Any], None] | None", getattr(_Machine, f"on_{name}", None)
                )
                if act is None:
                    raise UsageError(f"it uses {name}, which no file of weights does")
                act(self, argument)
        raise ValueError("the pickle does not end")

    def spend(self, count: int) -> None:
        """Count what goes on, and end what would go on for too long."""
        self.parts += count
        if self.parts > MOST:
            raise UsageError("it has too many parts")

    def marked(self) -> list[Any]:
        """What lies above the last mark, taken off together with it."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise ValueError("no mark")
        taken = self.stack[at + 1 :]
        del self.stack[at:]
        return taken

    def on_PROTO(self, argument: int) -> None:
        if argument > 5:
            raise ValueError("protocol")

    def on_FRAME(self, argument: int) -> None:
        """Frames only say how much to read ahead."""

    def on_MARK(self, argument: None) -> None:
        self.stack.append(_MARK)

    def on_POP(self, argument: None) -> None:
        self.stack.pop()

    def on_POP_MARK(self, argument: None) -> None:
        self.marked()

    def on_DUP(self, argument: None) -> None:
        self.stack.append(self.stack[-1])

    def on_GLOBAL(self, argument: str) -> None:
        self.spend(_COSTLY)
        module, _, name = argument.partition(" ")
        self.name(module, name)

    def on_STACK_GLOBAL(self, argument: None) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a name that is no text")
        self.name(module, name)

    def name(self, module: str, name: str) -> None:
        named = Named(module, name)
        if name not in ALLOWED.get(module, ()):
            raise Refused(named)
        self.stack.append(named)

    def on_REDUCE(self, argument: None) -> None:
        self.spend(_COSTLY)
        arguments, by = self.stack.pop(), self.stack.pop()
        if not isinstance(by, Named) or not isinstance(arguments, tuple):
            raise ValueError("a call of something that is no name")
        if (by.module, by.name) in _DICTS:
            pairs = arguments[0] if by.name == "OrderedDict" and arguments else []
            if not isinstance(pairs, (list, tuple)):
                raise ValueError("no list of pairs")
            self.spend(len(pairs))
            if not all(_is_pair(pair) for pair in pairs):
                raise ValueError("no list of pairs")
            self.stack.append(_pairs([part for pair in pairs for part in pair]))
        else:
            self.stack.append(Made(by, arguments))

    on_NEWOBJ = on_REDUCE

    def on_BUILD(self, argument: None) -> None:
        state = self.stack.pop()
        made = self.stack[-1]
        if isinstance(made, Made):
            made.state = state
        elif not isinstance(made, dict):  # an OrderedDict's own attributes: _metadata
            raise ValueError("a state for something that was not made")

    def on_BINPERSID(self, argument: None) -> None:
        self.stack.append(Persistent(self.stack.pop()))

    def on_TUPLE(self, argument: None) -> None:
        taken = self.marked()
        self.stack.append(tuple(taken))

    def on_TUPLE1(self, argument: None) -> None:
        self.last(1)

    def on_TUPLE2(self, argument: None) -> None:
        self.last(2)

    def on_TUPLE3(self, argument: None) -> None:
        self.last(3)

    def last(self, count: int) -> None:
        if len(self.stack) < count:
            raise IndexError("empty")
        taken = tuple(self.stack[-count:])
        del self.stack[-count:]
        self.stack.append(taken)

    def on_LIST(self, argument: None) -> None:
        taken = self.marked()
        self.stack.append(taken)

    def on_DICT(self, argument: None) -> None:
        taken = self.marked()
        self.stack.append(_pairs(taken))

    def on_FROZENSET(self, argument: None) -> None:
        taken = self.marked()
        self.stack.append(taken)

    def on_APPEND(self, argument: None) -> None:
        value = self.stack.pop()
        self.extend([value])

    def on_APPENDS(self, argument: None) -> None:
        self.extend(self.marked())

    def extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(values)
        elif not isinstance(target, Made):
            raise ValueError("no list to add to")

    on_ADDITEMS = on_APPENDS

    def on_SETITEM(self, argument: None) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.update(_pairs([key, value]))

    def on_SETITEMS(self, argument: None) -> None:
        taken = self.marked()
        self.update(_pairs(taken))

    def update(self, values: dict[str | int, Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, Made):
            target = target.items
        if not isinstance(target, dict):
            raise ValueError("no dict to add to")
        target.update(values)

    def on_PUT(self, argument: int) -> None:
        self.memo[argument] = self.stack[-1]

    on_BINPUT = on_LONG_BINPUT = on_PUT

    def on_MEMOIZE(self, argument: None) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def on_GET(self, argument: int) -> None:
        self.stack.append(self.memo[argument])

    on_BINGET = on_LONG_BINGET = on_GET


_VALUES = frozenset(
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING "
    "BINBYTES SHORT_BINBYTES BINBYTES8 UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 "
    "BYTEARRAY8".split()
)
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,  # its values need not be hashable here
}


def _is_pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2


def _pairs(taken: list[Any]) -> dict[str | int, Any]:
    """A dict of keys and values in turn, without keys that no tensor is found by."""
    if len(taken) % 2:
        raise ValueError("a key without a value")
    return {
        key: value
        for key, value in zip(taken[::2], taken[1::2], strict=True)
        if (type(key) is str and len(key) <= _LONGEST_LINE)
        or (type(key) is int and abs(key) < _LARGEST_KEY)
    }
