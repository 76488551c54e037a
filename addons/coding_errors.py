"""Why a body cannot be read as what its headers say it is.

    CodingError
    ├── UnknownCodingError    a coding we cannot undo: said at construction
    ├── CorruptBodyError      bytes that are not what the coding or charset says
    ├── TruncatedBodyError    the body ended in the middle
    └── OversizedBodyError    it unpacks to more than we are willing to send

No text of these repeats any of the body.
"""


class CodingError(ValueError):
    """The body cannot be read."""


class UnknownCodingError(CodingError):
    """A content coding we cannot undo."""


class CorruptBodyError(CodingError):
    """Bytes that are not what the coding or charset says."""


class TruncatedBodyError(CodingError):
    """The body ended in the middle."""


class OversizedBodyError(CodingError):
    """The body unpacks to too much."""
