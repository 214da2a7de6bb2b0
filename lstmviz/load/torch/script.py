"""What the code of a TorchScript program says of its modules: text that is searched, never run."""

from __future__ import annotations

import re
import zipfile
from typing import Any

from lstmviz.load.torch.pickles import Made
from lstmviz.system.zip_members import read_member

_LARGEST = 4 << 20  # bytes of a file of code
_MOST = 100  # classes whose code is looked at
_READ = re.compile(  # recurrent layers, and functions that have a number
    r"(?:RNN|LSTM|GRU)(?:Base|Cell)?|(?:Log)?Softmax|LeakyReLU|ELU|GELU|Softplus"
)
_FINAL = re.compile(
    r"^  (mode|nonlinearity|bidirectional|batch_first|dim|negative_slope|alpha|approximate|beta|"
    r"threshold) : Final\[\w+\] = (.+)$",
    re.M,
)
_CALL = re.compile(r"\btorch\.rnn_(tanh|relu)(?:_cell)?\(")
_VALUES = {"True": True, "False": False}


class Script:
    """The code of the modules in an archive of TorchScript."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        self._archive, self._root = archive, root
        self._names = {*archive.namelist()}
        self._told: dict[tuple[str, str], dict[str, Any]] = {}  # of each class that was met

    def attributes(self, made: Made) -> dict[str, Any]:
        """The constants of a module's class, and which function a traced RNN calls."""
        module, name = made.by.module, made.by.name
        if not module.startswith("__torch__") or not _READ.fullmatch(name):
            return {}
        if (module, name) not in self._told and len(self._told) < _MOST:
            self._told[module, name] = self._read(module, name)
        return self._told.get((module, name), {})

    def _read(self, module: str, name: str) -> dict[str, Any]:
        file = f"{self._root}code/{module.replace('.', '/')}.py"
        if file not in self._names:
            return {}
        code = read_member(self._archive, file, _LARGEST).decode()
        _, _, text = code.partition(f"class {name}(Module):")
        text, _, _ = text.partition("\nclass ")
        found: dict[str, Any] = {word: _value(value) for word, value in _FINAL.findall(text)}
        calls = {*_CALL.findall(text)}
        if len(calls) == 1 and not {"mode", "nonlinearity"} & {*found}:
            found["nonlinearity"] = calls.pop()
        return found


def _value(text: str) -> Any:
    """A truth value, a number, or a text in quotes."""
    if text in _VALUES:
        return _VALUES[text]
    try:
        return float(text)
    except ValueError:
        return text.strip("\"'")
