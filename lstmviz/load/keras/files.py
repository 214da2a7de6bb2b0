"""Keras's files, of Keras 2 and 3: .keras, .h5 and .weights.h5, without Keras.

The configuration is read as JSON and never made into objects.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, listed
from lstmviz.load.keras import layers as keras_layers
from lstmviz.load.keras.cells import Stored
from lstmviz.load.keras.config import Entry, entries_of, version_of
from lstmviz.load.keras.hdf5 import Hdf5
from lstmviz.system.texts import json_of, read_text
from lstmviz.system.zip_members import read_member

_TEXT = 16 << 20  # bytes of JSON, of which Python makes twenty times as many
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # since Keras 2.13, and before
_PASS_CONFIG = (
    "pass the model's configuration, the text of model.to_json(), with config='model.json'"
)


def read(path: Path, config: str | Path | Mapping[str, Any] | None = None) -> Contents:
    """The contents of a .keras, .h5 or .weights.h5 file.

    Raises:
        UsageError: h5py is missing, or the file lacks its configuration or its weights.
    """
    told, version = _given(config)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            own = json_of(read_member(archive, "config.json", _TEXT))
            about: Any = {}
            if "metadata.json" in archive.namelist():
                about = json_of(read_member(archive, "metadata.json", _TEXT))
            weights = read_member(archive, "model.weights.h5")
        version = _version_in(about) or version
        return _contents("Keras file", told or own, version, _by_path(Hdf5(weights)))
    file = Hdf5(path.read_bytes())
    version = file.text("", "keras_version") or version
    if file.exists("model_weights") or file.texts("", "layer_names"):
        root = "model_weights" if file.exists("model_weights") else ""
        version = file.text(root, "keras_version") or version
        own_text = file.text("", "model_config")
        if told is None and own_text is not None:
            told = json_of(own_text)
        if told is None:
            return _without(file.texts(root, "layer_names"))
        return _contents("Keras HDF5 file", told, version, _by_name(file, root))
    if told is None:
        return _without(next((n for c in _CONTAINERS if (n := file.names(c))), []))
    return _contents("Keras weights with their configuration", told, version, _by_path(file))


def _given(config: str | Path | Mapping[str, Any] | None) -> tuple[Any, str]:
    """The configuration that the user gave, and the version of Keras that it tells."""
    if config is None:
        return None, ""
    version = ""
    if isinstance(config, Mapping):
        told: Any = config
    else:
        place = Path(config)
        if not place.is_file():
            raise UsageError(f"there is no file {place} with a configuration")
        if zipfile.is_zipfile(place):
            with zipfile.ZipFile(place) as archive:
                told = json_of(read_member(archive, "config.json", _TEXT))
                about = json_of(read_member(archive, "metadata.json", _TEXT))
            version = _version_in(about)
        else:
            text = read_text(place, f"The configuration {place}", _TEXT)
            try:
                told = json_of(text)
            except ValueError:
                raise UsageError(f"the configuration {place} is no valid JSON") from None
    if not isinstance(told, Mapping):
        raise UsageError("the configuration is no object of JSON; save model.to_json()")
    return told, _version_in(told) or version


def _version_in(told: Any) -> str:
    version = told.get("keras_version") if isinstance(told, Mapping) else None
    return version if isinstance(version, str) else ""


def _without(names: Sequence[str]) -> Contents:
    have = listed(list(names)) or "none"
    return Contents(
        "Keras weights without their configuration",
        (),
        (),
        (f"weights of these layers are in it: {have}; {_PASS_CONFIG}",),
    )


def _contents(
    kind: str, config: Any, version: str, stored: Callable[[Entry], list[Stored]]
) -> Contents:
    major = int(match[1]) if (match := re.match(r"(\d{1,3})\.", version)) else None
    major = major or version_of(config)
    title = f"{kind}, Keras {version}" if version else kind
    return keras_layers.contents(title, entries_of(config), major, stored)


def _by_path(file: Hdf5) -> Callable[[Entry], list[Stored]]:
    """The weights of a layer in a file that is laid out as the model's objects are."""

    def stored(entry: Entry) -> list[Stored]:
        places = [_place(file, "", entry)]
        if entry.kind == "Bidirectional":
            places = [f"{places[0]}/{way}_layer" for way in ("forward", "backward")]
        found: list[Stored] = []
        for place in places:
            cells = file.names(f"{place}/cell/cells")
            if cells:
                kinds = keras_layers.kinds_of_cells(entry)
                groups = [f"{place}/cell/cells/{name}" for name in _counted(kinds)]
            elif file.exists(f"{place}/cell"):
                groups = [f"{place}/cell"]
            else:
                groups = [place]
            for group in groups:
                numbers = sorted((n for n in file.names(f"{group}/vars") if n.isdigit()), key=int)
                found += [_stored(file, f"{group}/vars/{n}") for n in numbers]
        return found

    return stored


def _place(file: Hdf5, root: str, entry: Entry) -> str:
    """The group of a layer: by the name in it, else by its class and number."""
    for number, step in enumerate(entry.path):
        container = next((c for c in _CONTAINERS if file.exists(f"{root}/{c}")), _CONTAINERS[0])
        names = file.names(f"{root}/{container}")
        base = step.rstrip("0123456789").rstrip("_")
        mine = [
            name
            for name in names
            if re.fullmatch(rf"{re.escape(base)}(_\d+)?", name)
            and file.text(f"{root}/{container}/{name}/vars", "name") == entry.names[number]
        ]
        root = f"{root}/{container}/{mine[0] if len(mine) == 1 else step}"
    return root


def _counted(kinds: Sequence[str]) -> list[str]:
    """The groups of several objects: lstm_cell, lstm_cell_1 and so on."""
    seen: dict[str, int] = {}
    names = []
    for kind in kinds:
        count = seen.get(kind, 0)
        names.append(f"{kind}_{count}" if count else kind)
        seen[kind] = count + 1
    return names


def _by_name(file: Hdf5, root: str) -> Callable[[Entry], list[Stored]]:
    """The weights of a layer in the older .h5 files, which list them by name."""

    def stored(entry: Entry) -> list[Stored]:
        group = f"{root}/{entry.names[0]}"
        names = file.texts(group, "weight_names")
        if len(entry.names) > 1:  # a layer of a model within the model
            names = [name for name in names if entry.names[-1] in name.split("/")]
        return [_stored(file, f"{group}/{name}") for name in names]

    return stored


def _stored(file: Hdf5, path: str) -> Stored:
    return Stored(file.shape(path), partial(file.array, path))
