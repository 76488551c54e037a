"""What can go wrong with storage.

StorageError
├── CannotOpenError          nothing may start; the caller prints the text and exits with 78
│   ├── DriverMissingError   the database's driver is not installed or too old
│   ├── KeyMissingError      encrypted rows, but no key to read them
│   ├── KeyUnusableError     the key file is there and is no key
│   └── SchemaTooNewError    a later version of the mirror has been here
├── BackupError              a copy cannot be made, read or put back; the text says why
├── SealBrokenError          one secret does not open: wrong key, or moved from another row
└── DatabaseUnavailableError locked, full, gone: answer 503, it may pass
"""


class StorageError(Exception):
    """Anything storage has to say."""


class CannotOpenError(StorageError):
    """The database must not be used; the text tells the operator why."""


class DriverMissingError(CannotOpenError):
    """The driver is missing or too old."""


class KeyMissingError(CannotOpenError):
    """There are encrypted rows and the key file is gone."""


class KeyUnusableError(CannotOpenError):
    """The key file holds something that is no key."""


class SchemaTooNewError(CannotOpenError):
    """The database was written by a later version."""


class BackupError(StorageError):
    """A copy of the database cannot be made, read or put back."""


class SealBrokenError(StorageError):
    """A stored secret cannot be opened in this row."""


class DatabaseUnavailableError(StorageError):
    """The database does not answer now."""
