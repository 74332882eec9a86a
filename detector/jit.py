"""The one place that names numba: compile once, cache on disk, release the GIL.

A compiled function counts the references of every array that it is handed, at each call and with a lock on the memory
bus; a loop that calls small functions on arrays for each byte spends nine tenths of its time on that. Such a loop
takes ``borrowed`` arrays, and its smallest functions are ``inlined``.
"""

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

BLOCK = 64  # values that ``bytes_between`` and ``note_floats_above`` compare at once
LANES = 16  # numbers of 32 bits that the machine works on at once
VALUES = 16  # values that ``lower_lanes`` lowers so many minima by


def _load_without_scipy() -> None:
    """Load the part of numba that imports scipy only to note that there is one: a quarter of a second.

    It is told so by its specification. What then uses a BLAS asks for scipy itself, as ever.
    """
    if "numba.np.arraymath" in sys.modules or find_spec("scipy") is None:
        return
    linalg = cast("Any", import_module("numba.np.linalg"))
    asks = linalg.ensure_blas
    try:
        linalg.ensure_blas = lambda: None
        cast("Any", import_module("numba.np.arraymath")).ensure_blas = asks
    finally:
        linalg.ensure_blas = asks


_load_without_scipy()


_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]+(\([^)]*\)|.*))?", re.MULTILINE)


@lru_cache(maxsize=256)
def _imports(path: Path, root: Path) -> frozenset[Path]:
    """The files of its own package, which stands in ``root``, that the module at ``path`` imports."""
    found = set()
    package = path.relative_to(root).parts[0]
    for module, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
        if module.partition(".")[0] != package:
            continue  # what else is installed there is not compiled into ours, and is megabytes to read
        place = root.joinpath(*module.split("."))
        for name in re.findall(r"\w+", re.sub(r"\bas\s+\w+", "", names)) or [""]:
            # What is no module of a package stands in the package's own file.
            found.add(_module(place / name) or _module(place))
    return frozenset(file for file in found if file is not None)


def _module(place: Path) -> Path | None:
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@lru_cache(maxsize=256)
def _sources(path: Path, root: Path = Path(__file__).parent.parent) -> str:
    """A digest of what the module at ``path`` is made from: it and all of its package it imports, near and far.

    Of each file the name, the size and the time of change count.
    """
    reached, ahead = {path}, [path]
    while ahead:
        new = _imports(ahead.pop(), root) - reached
        reached |= new
        ahead.extend(new)
    said = sorted((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in reached)
    return blake2b(repr(said).encode(), digest_size=16).hexdigest()


def _compiled(function: Callable[..., Any], **options: Any) -> Any:
    """``function`` for numba to compile when it is first called, with a place on disk where that is kept."""
    compiler = cast("Any", numba.njit)
    try:
        made = compiler(function, cache=True, nogil=True, **options)
        # numba compiles a function anew when its own file has changed; what it calls may stand in another.
        kept = made._cache._cache_file
        kept._source_stamp = (kept._source_stamp, _sources(Path(function.__code__.co_filename)))
        return made
    except RuntimeError:
        # Neither the package's folder, nor the user's cache, nor NUMBA_CACHE_DIR can be written to: each process
        # compiles for itself.
        return compiler(function, nogil=True, **options)


def njit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on its first call and keep the machine code in numba's on-disk cache.

    The decorated function keeps its Python signature for type checkers, which numba's own does not.
    """
    return cast("Callable[P, R]", _compiled(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` into each of its callers; for the few lines that run for every character."""
    return cast("Callable[P, R]", _compiled(function, inline="always"))


def leaf(function: Callable[P, R]) -> Callable[P, R]:
    """Like ``njit``, for a function that makes no array and keeps none: it counts no references to those it is given.

    In a loop over letters, that counting costs more than the reading.
    """
    return cast("Callable[P, R]", _compiled(function, _nrt=False))


@intrinsic
def _borrowed(_context: Any, array: Any) -> Any:
    """The same array, whose references are not counted."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        null = cast("Any", cgutils).get_null_value
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        view.meminfo = null(view.meminfo.type)
        view.parent = null(view.parent.type)
        return view._getvalue()

    return array(array), generate


A = TypeVar("A")
# To be called in compiled code only, on arguments of the outermost function, which its Python caller keeps alive.
borrowed = cast("Callable[[A], A]", _borrowed)


@intrinsic
def _trailing_zeros(_typing: Any, _bits: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def _ones(_typing: Any, _bits: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@intrinsic
def _bytes_between(_typing: Any, array: Any, _at: Any, _low: Any, _span: Any) -> Any:
    """Which of the 64 bytes from ``array[at]`` on are from ``low`` to below ``low + span``: a bit each.

    One comparison of 64 bytes whose outcomes are one word: three instructions, where the machine has them. Nothing
    checks that there are 64.
    """
    byte = ir.IntType(8)
    vector = ir.VectorType(byte, BLOCK)

    def spread(builder: Any, value: Any) -> Any:
        nothing = ir.Constant(vector, ir.Undefined)
        one = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK))

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        given, at, low, span = arguments
        data = context.make_array(array)(context, builder, given).data
        loaded = builder.load(builder.bitcast(builder.gep(data, [at]), vector.as_pointer()))
        loaded.align = 1
        within = builder.icmp_unsigned("<", builder.sub(loaded, spread(builder, low)), spread(builder, span))
        return builder.bitcast(within, ir.IntType(64))

    return types.uint64(array, types.int64, types.uint8, types.uint8), generate


@intrinsic
def _note_floats_above(_typing: Any, answers: Any, _to: Any, array: Any, _at: Any, _threshold: Any) -> Any:
    """Make the bits of ``answers[to]`` say which of the 64 float32 from ``array[at]`` on are above the threshold.

    The first is the lowest bit. Each comparison of sixteen is stored by itself: to join four of them into one word in
    registers takes as long as the comparisons. Nothing checks that there are 64.
    """
    single, word, place = ir.FloatType(), ir.IntType(LANES), ir.IntType(64)
    vector = ir.VectorType(single, LANES)
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        answers, to, given, at, threshold = arguments
        said = context.make_array(signature.args[0])(context, builder, answers).data
        said = builder.bitcast(builder.gep(said, [to]), word.as_pointer())
        data = context.make_array(signature.args[2])(context, builder, given).data
        data = builder.bitcast(builder.gep(data, [at]), vector.as_pointer())
        nothing = ir.Constant(vector, ir.Undefined)
        one = builder.insert_element(nothing, threshold, ir.Constant(ir.IntType(32), 0))
        thresholds = builder.shuffle_vector(one, nothing, zeros)
        for part in range(BLOCK // LANES):
            loaded = builder.load(builder.gep(data, [ir.Constant(place, part)]))
            loaded.align = 4
            above = builder.bitcast(builder.fcmp_ordered(">", loaded, thresholds), word)
            builder.store(above, builder.gep(said, [ir.Constant(place, part)])).align = 2
        return context.get_dummy_value()

    return types.void(answers, types.int64, array, types.int64, types.float32), generate


@intrinsic
def _append_bits(_typing: Any, numbers: Any, _bits: Any) -> Any:
    """``numbers[k] = 2 * numbers[k] + bit k``, modulo 256, for the 64 bits of a word; nothing checks that there are 64.

    The machine makes bytes of bits in one instruction, which no compiler finds in a loop over them.
    """
    vector = ir.VectorType(ir.IntType(8), BLOCK)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        data = builder.bitcast(data, vector.as_pointer())
        loaded = builder.load(data)
        loaded.align = 1
        bits = builder.zext(builder.bitcast(arguments[1], ir.VectorType(ir.IntType(1), BLOCK)), vector)
        builder.store(builder.add(builder.add(loaded, loaded), bits), data).align = 1
        return context.get_dummy_value()

    return types.void(numbers, types.uint64), generate


@intrinsic
def _eight_bytes(_typing: Any, array: Any, _at: Any) -> Any:
    """The eight bytes from ``array[at]`` on as one number, the first the lowest; nothing checks that they are there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        loaded = builder.load(builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(array, types.uint64), generate


@intrinsic
def _lower_lanes(_typing: Any, lowest: Any, a: Any, b: Any, _at: Any, values: Any, _first: Any) -> Any:
    """``lowest[at + k] = min(lowest[at + k], a[at + k] * v + b[at + k])`` for each of eight values, ``k`` below LANES.

    All modulo 2**32. Left to itself, the compiler works on eight numbers at a time where the machine can do sixteen.
    """
    word = ir.IntType(32)
    vector = ir.VectorType(word, LANES)
    zeros = ir.Constant(ir.VectorType(word, LANES), [0] * LANES)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at, first = arguments[3], arguments[5]

        def lanes_of(which: int) -> Any:
            data = context.make_array(signature.args[which])(context, builder, arguments[which]).data
            return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())

        def loaded(which: int) -> Any:
            lanes = builder.load(lanes_of(which))
            lanes.align = 4
            return lanes

        minimum, multiplier, offset = loaded(0), loaded(1), loaded(2)
        given = context.make_array(signature.args[4])(context, builder, arguments[4]).data
        nothing = ir.Constant(vector, ir.Undefined)
        for place in range(VALUES):
            value = builder.load(builder.gep(given, [builder.add(first, ir.Constant(ir.IntType(64), place))]))
            one = builder.insert_element(nothing, value, ir.Constant(word, 0))
            permuted = builder.add(builder.mul(multiplier, builder.shuffle_vector(one, nothing, zeros)), offset)
            minimum = builder.select(builder.icmp_unsigned("<", permuted, minimum), permuted, minimum)
        builder.store(minimum, lanes_of(0)).align = 4
        return context.get_dummy_value()

    return types.void(lowest, a, b, types.int64, values, types.int64), generate


# For type checkers, the intrinsics as compiled code calls them.
trailing_zeros = cast("Callable[[np.uint64], np.uint64]", _trailing_zeros)  # zeros below the lowest one; 64 for zero
ones = cast("Callable[[np.uint64], np.uint64]", _ones)
bytes_between = cast("Callable[[NDArray[np.uint8], int, int, int], np.uint64]", _bytes_between)
_Words = NDArray[np.uint64]
note_floats_above = cast("Callable[[_Words, int, NDArray[np.float32], int, np.float32], None]", _note_floats_above)
append_bits = cast("Callable[[NDArray[np.uint8], np.uint64], None]", _append_bits)
eight_bytes = cast("Callable[[NDArray[np.uint8], np.uint64], np.uint64]", _eight_bytes)
_UInts = NDArray[np.uint32]
lower_lanes = cast("Callable[[_UInts, _UInts, _UInts, int, _UInts, int], None]", _lower_lanes)
array_at = cast("Callable[[Any, tuple[int], Any], NDArray[Any]]", cast("Any", numba).carray)  # over memory of another's
