"""How much of an item is worth printing, sentence by sentence."""

import typing as _typing

from detector.lazy import brought as _brought

if _typing.TYPE_CHECKING:
    from detector.quality.assessing import assess

__all__ = ["assess"]

if not _typing.TYPE_CHECKING:  # whoever asks for the default rates need not load the models
    __getattr__ = _brought(globals(), {"detector.quality.assessing": ("assess",)})
