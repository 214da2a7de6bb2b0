"""What the code of a TorchScript program says of its modules: text that is searched, never run."""

from __future__ import annotations

import re
import zipfile
from functools import cache
from typing import Any

from lstmviz.load.torch.pickles import Made
from lstmviz.system.zip_members import read_member

_LARGEST = 4 << 20  # bytes of a file of code
_RECURRENT = re.compile(r"(?:RNN|LSTM|GRU)(?:Base|Cell)?")
_FINAL = re.compile(
    r"^  (mode|nonlinearity|bidirectional|batch_first) : Final\[\w+\] = (.+)$", re.M
)
_CALL = re.compile(r"\btorch\.rnn_(tanh|relu)(?:_cell)?\(")
_VALUES = {"True": True, "False": False}


class Script:
    """The code of the modules in an archive of TorchScript."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        names = {*archive.namelist()}

        @cache
        def code(module: str) -> str:
            name = f"{root}code/{module.replace('.', '/')}.py"
            return read_member(archive, name, _LARGEST).decode() if name in names else ""

        self._code = code

    def attributes(self, made: Made) -> dict[str, Any]:
        """The constants of a recurrent module's class, and which function a traced RNN calls."""
        if not made.by.module.startswith("__torch__") or not _RECURRENT.fullmatch(made.by.name):
            return {}
        _, _, text = self._code(made.by.module).partition(f"class {made.by.name}(Module):")
        text, _, _ = text.partition("\nclass ")
        found: dict[str, Any] = {
            name: _VALUES.get(value, value.strip("\"'")) for name, value in _FINAL.findall(text)
        }
        calls = {*_CALL.findall(text)}
        if len(calls) == 1 and not {"mode", "nonlinearity"} & {*found}:
            found["nonlinearity"] = calls.pop()
        return found
