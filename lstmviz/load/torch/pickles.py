"""Pickles of tensors, read as data: no class is looked up and nothing is called.

A pickle is a program for a machine that imports and calls what it names. This reader knows the
opcodes that tensors, their containers and plain values are written with; a name becomes a
`Named`, a call becomes a `Made` (what, with which arguments), and neither does anything, whatever
they are called. Names that only an attacker has a use for are refused, so that whoever wanted to
open the file with something else is warned.

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


# Names that run commands or code, or reach for files and the network: no file of weights has any
# use for them. Those of the first kind may stand anywhere in a dotted name, as Python looks
# attributes up in turn (torch.serialization.os.system); the second are modules by themselves.
_HARMFUL = frozenset(
    "os posix nt sys subprocess shutil socket ctypes importlib runpy cpp_extension FunctionType "
    "CodeType LambdaType __globals__ __builtins__ __subclasses__ __import__".split()
)
_HARMFUL_MODULES = frozenset(
    "popen2 ssl pty _ctypes imp pip codeop pdb bdb timeit cProfile webbrowser requests urllib "
    "urllib2 http httplib ftplib smtplib telnetlib marshal pickle _pickle cPickle shelve "
    "multiprocessing torch.hub".split()
)
_BUILTINS = ("builtins", "__builtin__")
_PLAIN = frozenset(  # of the builtins: types of values, and what enumerations and methods come by
    "object type set frozenset slice range complex bytearray bytes int long float bool str unicode "
    "list dict tuple getattr property Ellipsis NotImplemented NoneType".split()
)
_LONGEST_NAME = 1_000  # letters

_MARK = object()
_DICTS = {
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("collections", "Counter"),
}


def read_pickle(stream: IO[bytes], outside: list[Persistent] | None = None) -> Any:
    """The value of the next pickle in a stream, of dicts, lists, numbers, Made and Persistent.

    The parts of it can be shared and nested without bounds, so that what is as small as its
    pickle may be endless to whoever goes through it: hash, compare or print none of it.
    Entries of a dict are kept whose keys are texts or whole numbers. All that it says of things
    outside it is added to `outside`.

    Raises:
        UsageError: it names what only an attacker has a use for, or has too many parts.
        ValueError, KeyError, IndexError, TypeError, AttributeError: it is damaged.
    """
    return _Machine([] if outside is None else outside).run(_Bounded(stream))


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
    def __init__(self, outside: list[Persistent]) -> None:
        self.outside = outside
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
        if len(module) + len(name) > _LONGEST_NAME:
            raise ValueError("an endless name")
        self.stack.append(_harmless(Named(module, name)))

    def on_REDUCE(self, argument: None) -> None:
        self.spend(_COSTLY)
        arguments, by = self.stack.pop(), self.stack.pop()
        self.make(by, arguments)

    on_NEWOBJ = on_REDUCE

    def on_NEWOBJ_EX(self, argument: None) -> None:
        self.stack.pop()  # the arguments by name: of no class that weights lie in
        self.on_REDUCE(argument)

    def on_INST(self, argument: str) -> None:
        self.spend(_COSTLY)
        taken = self.marked()
        module, _, name = argument.partition(" ")
        self.name(module, name)
        self.make(self.stack.pop(), tuple(taken))

    def on_OBJ(self, argument: None) -> None:
        self.spend(_COSTLY)
        by, *taken = self.marked()
        self.make(by, tuple(taken))

    def make(self, by: Any, arguments: Any) -> None:
        """Put on the stack what a call would have given, as data."""
        if not isinstance(by, Named) or not isinstance(arguments, tuple):
            raise ValueError("a call of something that is no name")
        if (by.module, by.name) in _DICTS:
            pairs = arguments[0] if by.name == "OrderedDict" and arguments else []
            if by.name == "Counter" and arguments and isinstance(arguments[0], dict):
                self.stack.append(arguments[0])
                return
            if not isinstance(pairs, (list, tuple)):
                raise ValueError("no list of pairs")
            self.spend(len(pairs))
            if not all(_is_pair(pair) for pair in pairs):
                raise ValueError("no list of pairs")
            self.stack.append(_pairs([part for pair in pairs for part in pair]))
        elif by.module == "torch.jit._pickle" and arguments:  # lists with their types
            self.stack.append(arguments[0])
        elif by.name == "_reconstructor" and arguments and isinstance(arguments[0], Named):
            self.stack.append(Made(arguments[0], ()))
        else:
            self.stack.append(Made(by, arguments))

    def on_BUILD(self, argument: None) -> None:
        state = self.stack.pop()
        made = self.stack[-1]
        if isinstance(made, Made):
            made.state = state
        elif not isinstance(made, dict):  # an OrderedDict's own attributes: _metadata
            raise ValueError("a state for something that was not made")

    def on_BINPERSID(self, argument: None) -> None:
        identity = self.stack.pop()
        parts = identity[:2] if isinstance(identity, tuple) else ()
        for part in parts:  # a class, beside which older files keep its source
            if isinstance(part, Named) and not part.name.endswith("Storage"):
                self.stack.append(part)
                return
        self.outside.append(Persistent(identity))
        self.stack.append(self.outside[-1])

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
        elif isinstance(target, Made):
            target.items.update(enumerate(values, start=len(target.items)))
        else:
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


def _harmless(named: Named) -> Named:
    """The name, if it may stand in a file of weights.

    Nothing is looked up by it in any case; what is refused here is meant for other readers.

    Raises:
        UsageError: only an attacker has a use for it.
    """
    builtin = named.module in _BUILTINS
    plain = named.name in _PLAIN or named.name.endswith(("Error", "Exception", "Warning"))
    parts = str(named).split(".")
    harmful = not _HARMFUL.isdisjoint(parts) or not _HARMFUL_MODULES.isdisjoint(
        (parts[0], named.module)
    )
    if harmful or (builtin and not plain):
        raise UsageError(
            f"it asks Python to run '{named}', which no network has a use for: the file is "
            "hostile. lstmviz runs nothing of a file, so nothing has happened; do not open it "
            "with anything else"
        )
    return named


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
