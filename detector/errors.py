"""What can go wrong, in one tree.

DetectorError
├── InvalidItemError     a caller's item, row or argument cannot be used (also a ValueError)
├── EmptyTextError       nothing is left to sign or compare (also a ValueError)
├── SketchMismatchError  two sketches, or a sketch and an index, were made by different settings
├── PolicyError          a file that describes a policy cannot be used
├── WeightsError         a file of learned weights is missing, damaged or of another format
└── ArchiveError         a plan, an input or an output of the archive cannot be used
"""


class DetectorError(Exception):
    """The base of every error that this package raises on purpose."""


class InvalidItemError(DetectorError, ValueError):
    """An item, row or argument that cannot be used; the message names the value and what to do."""


class EmptyTextError(DetectorError, ValueError):
    """A text without a single token; its signature would match every other such text."""


class SketchMismatchError(DetectorError):
    """Sketches of different making do not compare; the message names both makings."""


class PolicyError(DetectorError):
    """A policy file that cannot be used; the message names the key, its value and what to do."""


class WeightsError(DetectorError):
    """A weights file that cannot be used; the message names the file and how to make it again."""


class ArchiveError(DetectorError):
    """An archive run that cannot start or go on; single bad rows are quarantined instead."""
