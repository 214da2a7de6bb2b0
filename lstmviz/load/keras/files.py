"""Keras's files, of Keras 2 and 3: .keras, .h5 and .weights.h5, without Keras.

The configuration is read as JSON and never made into objects.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents
from lstmviz.load.keras import guessed
from lstmviz.load.keras import layers as keras_layers
from lstmviz.load.keras.config import Entry, OwnModelError, entries_of, version_of
from lstmviz.load.keras.hdf5 import Hdf5
from lstmviz.load.keras.weights import Reader, by_order, by_path
from lstmviz.load.keras.words import Assets, in_archive, with_words
from lstmviz.system.texts import json_of, read_text
from lstmviz.system.zip_members import read_member

_LAYER = "lstmviz.from_keras(layer) would tell"
_TEXT = 16 << 20  # bytes of JSON, of which Python makes twenty times as many


def read(path: Path, config: str | Path | Mapping[str, Any] | None = None) -> Contents:
    """The contents of a .keras, .h5 or .weights.h5 file.

    Raises:
        UsageError: h5py is missing, or the file lacks its configuration or its weights.
    """
    told, told_by = _given(config)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            own = json_of(read_member(archive, "config.json", _TEXT))
            about: Any = {}
            if "metadata.json" in archive.namelist():
                about = json_of(read_member(archive, "metadata.json", _TEXT))
            file = Hdf5(read_member(archive, "model.weights.h5"))
            assets = in_archive(archive)
        versions = (_version_in(about), told_by)
        try:
            entries = entries_of(told or own)
        except OwnModelError:
            # Its layers lie in it all the same, under names of its own.
            found = guessed.laid_out_by_path(
                file, "Keras file of a model whose layers only its code knows", tells=_LAYER
            )
            if told is not None or not found.stacks:
                raise
            return found
        return _contents("Keras file", entries, told or own, versions, by_path(file), assets)
    file = Hdf5(path.read_bytes())
    version = file.text("", "keras_version") or ""
    if file.exists("model_weights") or file.texts("", "layer_names"):
        root = "model_weights" if file.exists("model_weights") else ""
        version = file.text(root, "keras_version") or version
        own_text = file.text("", "model_config")
        if told is None and own_text is not None:
            told = json_of(own_text)
        if told is None:
            return guessed.laid_out_by_order(file, root)
        entries, versions = entries_of(told), (version, told_by)
        stored = by_order(file, root, entries)
        return _contents("Keras HDF5 file", entries, told, versions, stored)
    if told is None:
        return guessed.laid_out_by_path(file)
    kind = "Keras weights with their configuration"
    return _contents(kind, entries_of(told), told, (version, told_by), by_path(file))


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


def _contents(
    kind: str,
    entries: list[Entry],
    config: Any,
    versions: Sequence[str],
    stored: Reader,
    assets: Assets = lambda entry: None,
) -> Contents:
    """The contents of a file that has, or was given, a configuration.

    `versions` are those of Keras that wrote the weights and the configuration, where they tell.
    """
    told = [int(match[1]) for one in versions if (match := re.match(r"(\d{1,3})\.", one))]
    majors = {max(2, major) for major in (*told, version_of(config)) if major is not None}
    version = next(filter(None, versions), "")
    title = f"{kind}, Keras {version}" if version else kind
    major = majors.pop() if len(majors) == 1 else None
    return with_words(keras_layers.contents(title, entries, major, stored), entries, assets)
