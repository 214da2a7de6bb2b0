"""From a file's contents to a Network: which part, which embedding, which words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Unpack

from lstmviz.engine.model.masks import Padding
from lstmviz.engine.model.network import Merge, Network
from lstmviz.engine.model.tokenizers import Characters, Tokenizer, of_characters
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import NOT_RECURRENT, Contents, Matrix, Stack, listed
from lstmviz.load.common.vocabulary import Lexicon, rows_of, shifted
from lstmviz.load.common.vocabulary_file import lexicon_of, text_vectorization
from lstmviz.load.detect import file_of, kind_of, read_file, told
from lstmviz.load.head import readout_of
from lstmviz.load.names.proposed import proposed_names
from lstmviz.load.options import ALL_IN_FILE, FileOptions, check_options, refuse_options
from lstmviz.load.parts import in_a_row, parts_named
from lstmviz.trace.recording import Source


def load_network(
    path: str | Path,
    *,
    title: str | None = None,
    **options: Unpack[FileOptions],
) -> Network:
    """The network of a file: of lstmviz (.npz), PyTorch, Keras or ONNX.

    No framework is needed, and nothing in the file is run. The `options` are `FileOptions`: what
    a file does not say. What had to be assumed stands in the network's `notes`.

    Raises:
        UsageError: the file is missing, damaged or of no use; one sentence says why.
    """
    check_options(options)
    if not isinstance(path, str | Path):
        raise UsageError(
            f"A network's file is named by its path, not by {type(path).__name__}; for modules and "
            "layers in memory there are from_torch and from_keras."
        )
    place = Path(path)
    with told(place):
        place = file_of(place)
        if kind_of(place) == "npz":
            network = Network.load(place)
            refuse_options(options, ALL_IN_FILE)
            return network
        contents = read_file(place, options)
        refuse_idle(contents, options, kind_of(place))
        made = assemble(contents, options, title=title or place.name, source=place.name)
        return replace(made, source=Source("file", place.name))


def refuse_idle(contents: Contents, options: FileOptions, kind: str) -> None:
    """Refuse options that such a file has no use for.

    Raises:
        UsageError: there is such a one.
    """
    if options.get("config") is not None and kind in ("torch", "safetensors", "onnx"):
        raise UsageError("config= is for Keras files of weights alone; leave it out")
    cells = {one.cell.name for stack in contents.stacks for level in stack.levels for one in level}
    plain = any(name.startswith("rnn") for name in cells)
    told_itself = kind in ("keras", "onnx") or not plain
    if options.get("nonlinearity") is not None and cells and told_itself:
        raise UsageError(
            "nonlinearity= is that of a plain RNN of PyTorch, and the file has none, or says it "
            "itself; leave it out"
        )


def assemble(contents: Contents, options: FileOptions, *, title: str, source: str) -> Network:
    """The network of one part of the contents."""
    part = options.get("part")
    stack = _joined(chosen(contents, part), "was asked for" if part else "their numbers say")
    lexicon = _lexicon(contents, stack, options)
    matrix, assumed = _embedding(contents, stack, options.get("embedding"), lexicon)
    words, tokenizer, unknown = None, None, options.get("unknown")
    if lexicon is None and unknown is not None:
        raise UsageError("unknown= is a word of the vocabulary, and there is none; give it, too")
    if lexicon is not None:
        rows = stack.inputs if matrix is None else matrix.rows
        lexicon = _filled(shifted(lexicon, rows), rows, contents)
        words = rows_of(lexicon, rows, "embedding" if matrix else "one-hot input")
        tokenizer, cut = _tokenizer(lexicon, words, options.get("tokens"))
        assumed += [*lexicon.told, *cut]
        if unknown is not None and unknown not in words:
            raise UsageError(f"the vocabulary has no '{unknown}' for unknown words")
        unknown = unknown or (lexicon.unknown if lexicon.unknown in words else None)
    layers = tuple(tuple(found.layer() for found in level) for level in stack.levels)
    mask = stack.mask
    if mask is not None and mask.of == "row" and (matrix is None or matrix.name != stack.embedding):
        mask = None
        assumed.append(f"no step is masked, as '{stack.embedding}', which does that, is not used")
    array = None
    if matrix is not None:
        array = matrix.read()
        if array.shape != (matrix.rows, matrix.width):
            raise UsageError(f"'{matrix.name}' has not the shape that it claims")
    readout, told_of = readout_of(contents, stack, options.get("head"), options.get("labels"))
    return Network(
        layers,
        array,
        words,
        readout,
        title,
        f"{source}: {contents.format}" + (f", {stack.name}" if stack.name else ""),
        stack.merges,
        (
            *stack.assumed,
            *assumed,
            *told_of,
            *(f"not used: {reason}" for reason in contents.unusable),
        ),
        unknown,
        stack.length,
        mask,
        tokenizer=tokenizer,
        padding=_padding(contents, stack, options),
    )


def _padding(contents: Contents, stack: Stack, options: FileOptions) -> Padding | None:
    """The padding that was asked for, or that a TextVectorization in the file makes."""
    pad, side = options.get("pad"), options.get("pad_side")
    if pad is None:
        if side is not None:
            raise UsageError("pad_side= says where padding stands, but pad= does not say how long")
        length = (contents.vectorization or {}).get("output_sequence_length")
        if type(length) is int and stack.embedding is not None:
            return Padding(length, "right")
        return None
    return Padding(pad, side or "left")  # type: ignore[arg-type]  # which it looks at


def _lexicon(contents: Contents, stack: Stack, options: FileOptions) -> Lexicon | None:
    """The words that were given, or else those of a tokenizer's file, or of the network's.

    Raises:
        UsageError: a text is to be cut in a way that takes a vocabulary, and there is none.
    """
    given, tokens = options.get("vocabulary"), options.get("tokens")
    if given is not None:
        lexicon = lexicon_of(given)
        if lexicon.tokenizer is None and not isinstance(lexicon.words, Mapping):
            made = _of_file(lexicon.words, contents)
            return replace(made, told=(*lexicon.told, *made.told))
        return lexicon
    if tokens is not None and tokens not in ("words", "chars"):
        return lexicon_of(_tokens_file(tokens))
    words = contents.vocabulary
    if words is not None and options.get("embedding") is None and _has_words(contents, stack):
        return _of_file(words, contents)
    if tokens is not None:
        raise UsageError(
            f"tokens= is '{tokens}', but the file has no vocabulary; give the words of its rows "
            "with vocabulary="
        )
    return None


def _of_file(words: Sequence[str], contents: Contents) -> Lexicon:
    """The words that are in a network's file, and how its TextVectorization cuts a text."""
    if contents.vectorization is None:
        return Lexicon(words)
    try:
        return text_vectorization(contents.vectorization, "the file", words)
    except UsageError as error:
        return Lexicon(words, told=(f"{str(error).rstrip('.')}; here it is cut into words",))


def _filled(lexicon: Lexicon, rows: int, contents: Contents) -> Lexicon:
    """The words of a TextVectorization, which may have fewer than its embedding has rows."""
    missing = rows - (lexicon.rows or rows)
    if contents.vectorization is None or isinstance(lexicon.words, Mapping) or missing <= 0:
        return lexicon
    return replace(lexicon, words=[*lexicon.words, *[""] * missing])


def _tokens_file(tokens: str | Path) -> Path:
    path = Path(tokens)
    if not path.is_file():
        raise UsageError(
            f"tokens= is '{tokens}'; give words, chars, or the file of a tokenizer, of which there "
            "is none of that name"
        )
    return path


def _tokenizer(
    lexicon: Lexicon, words: Sequence[str], tokens: str | Path | None
) -> tuple[Tokenizer | None, list[str]]:
    """How a text is cut for such words, and what is to be said of it."""
    if tokens == "words":
        return None, []
    if tokens == "chars":
        return Characters(), []
    if tokens is not None and str(tokens) != lexicon.where:
        other = lexicon_of(_tokens_file(tokens))
        if other.tokenizer is None:
            raise UsageError(
                f"{tokens} does not say how a text is cut; give words, chars, or a file that does"
            )
        return other.tokenizer, list(other.told)
    if lexicon.tokenizer is None and of_characters(words):
        return Characters(), [
            "each character of a text is a token, as all tokens of the vocabulary are characters"
        ]
    return lexicon.tokenizer, []


def chosen(contents: Contents, part: str | Sequence[str] | None) -> list[Stack]:
    """The recurrent parts that `part` names, or the only ones that can be meant."""
    stacks = {stack.name: stack for stack in contents.stacks}
    if part:
        return parts_named(contents, part)
    if len(stacks) == 1:
        return list(stacks.values())
    if row := in_a_row(contents.stacks):
        return row
    if not stacks:
        why = "; ".join(contents.unusable) or NOT_RECURRENT
        if proposed_names(contents, ""):
            why += (
                "; `lstmviz inspect` proposes which of its arrays may be which weight, for names="
            )
        elif contents.arrays and not contents.unusable:
            why += "; if its arrays are those of one, say with names= which is which"
        raise UsageError(f"nothing in this {contents.format} can be run: {why}")
    told = [f"'{name}' ({describe(stack)})" for name, stack in stacks.items()]
    raise UsageError(
        f"it has {len(stacks)} recurrent parts: {listed(told)}; choose one with part=, or name "
        "several in the order in which they feed one another"
    )


def describe(stack: Stack) -> str:
    """A stack in a few words: `2 × lstm, both ways, 64 → 128`."""
    first = stack.levels[0]
    names = list(dict.fromkeys(found.cell.name for level in stack.levels for found in level))
    count = f"{len(stack.levels)} × " if len(stack.levels) > 1 else ""
    ways = ", both ways" if len(first) > 1 else ""
    ways = ", backward" if [found.direction for found in first] == ["backward"] else ways
    where = f", {stack.where}" if stack.where else ""
    return f"{count}{' and '.join(names)}{ways}, {stack.inputs} → {stack.outputs}{where}"


def _joined(stacks: list[Stack], why: str) -> Stack:
    if len(stacks) == 1:
        return stacks[0]
    for before, after in pairwise(stacks):
        if after.fed_by is not None and after.fed_by != before.last:
            feeder = f"by '{after.fed_by}'" if after.fed_by else "by the input itself"
            raise UsageError(
                f"'{after.name}' is not fed by '{before.name}', but {feeder}, so they are no one "
                "network; choose one of them with part="
            )
        if after.mask is not None:
            raise UsageError(
                f"'{after.name}' passes over steps by what '{before.name}' gives, so they cannot "
                "be run as one network; choose one of them with part="
            )
        if before.outputs != after.inputs:
            raise UsageError(
                f"'{before.name}' gives {before.outputs} values, but '{after.name}' takes "
                f"{after.inputs}; they do not feed one another"
            )
    names = " → ".join(stack.name for stack in stacks)
    known = all(stack.fed_by is not None for stack in stacks)
    merges: tuple[Merge, ...] = tuple(merge for stack in stacks for merge in stack.each_merge)
    lengths = [stack.length for stack in stacks if stack.length is not None]
    return Stack(
        names,
        tuple(level for stack in stacks for level in stack.levels),
        merges,
        stacks[0].embedding,
        (
            *dict.fromkeys(_notes(stacks)),
            *([f"{names} feed one another directly, as {why}"] * (not known)),
        ),
        min(lengths, default=None),
        stacks[0].mask,
        stacks[-1].answers,
        stacks[-1].unread,
    )


def _notes(stacks: list[Stack]) -> Iterator[str]:
    """What was assumed of each, without what does not hold where they feed one another."""
    for number, stack in enumerate(stacks):
        for note in stack.assumed:
            if not (number and stack.fed_by and note.startswith("what goes into")):
                yield note


def _embedding(
    contents: Contents,
    stack: Stack,
    name: str | None,
    lexicon: Lexicon | None,
) -> tuple[Matrix | None, list[str]]:
    """The matrix that turns words into the stack's inputs, and what was assumed about it."""
    fitting = [matrix for matrix in contents.matrices if matrix.width == stack.inputs]
    if name is not None:
        return _by_name(contents, stack, name), []
    if stack.embedding is not None:
        return next(m for m in contents.matrices if m.name == stack.embedding), []
    if stack.fed_by is not None:  # by something else, as the file says
        fitting = []
    likely = [matrix for matrix in fitting if matrix.sure]
    if lexicon is not None and len(likely) != 1:
        rows = lexicon.rows if not isinstance(lexicon.words, Mapping) else None
        alike = [matrix for matrix in likely or fitting if rows in (None, matrix.rows)]
        if not likely and len(alike) != 1 and lexicon.rows == stack.inputs:
            return None, [
                f"there is no embedding, so its {stack.inputs} inputs are taken for one-hot tokens"
            ]
        likely = alike
        if len(likely) != 1:
            found = listed([f"'{m.name}' ({m.rows} × {m.width})" for m in fitting]) or "none"
            if not fitting:
                raise UsageError(
                    f"a vocabulary is given, but no embedding of {stack.inputs} columns is in the "
                    f"file, and for one-hot tokens it must have {stack.inputs} rows, not "
                    f"{lexicon.rows}"
                )
            raise UsageError(
                "a vocabulary is given, but which matrix is its embedding is not clear; with "
                f"{stack.inputs} columns there is: {found}; name one with embedding="
            )
    if len(likely) == 1:
        return likely[0], [f"'{likely[0].name}' is assumed to be the embedding that feeds it"]
    if likely:
        names = listed([f"'{matrix.name}'" for matrix in likely])
        return None, [f"no embedding is used, as several would fit: {names}"]
    return None, []


def _has_words(contents: Contents, stack: Stack) -> bool:
    """Whether the vocabulary in the file is that of the part's embedding, or of its inputs."""
    rows = len(contents.vocabulary or ())
    sizes = [one.rows for one in contents.matrices if one.sure and one.width == stack.inputs]
    return stack.embedding is not None or rows in (sizes or [stack.inputs])


def _by_name(contents: Contents, stack: Stack, name: str) -> Matrix:
    matches = [m for m in contents.matrices if m.name == name]
    matches = matches or [
        m for m in contents.matrices if f".{m.name}".endswith((f".{name}", f".{name}.weight"))
    ]
    if len(matches) == 1 and matches[0].width == stack.inputs:
        return matches[0]
    if len(matches) == 1:
        raise UsageError(
            f"'{matches[0].name}' has {matches[0].width} columns, but the network takes "
            f"{stack.inputs} inputs; it is not its embedding"
        )
    found = listed([f"'{m.name}'" for m in contents.matrices if m.width == stack.inputs]) or "none"
    raise UsageError(f"it has no matrix '{name}'; those with {stack.inputs} columns are: {found}")
