"""What can go wrong and be put right by the user.

    CtqaError
    ├── ConfigError      a setting, an option or a question that cannot be used      exit code 2
    ├── GoldError        a gold file that cannot be read as one                      exit code 2
    ├── SourceError      a document that cannot be read                              exit code 3
    ├── IndexLoadError   an index that is missing, damaged or made otherwise         exit code 5
    ├── IndexWriteError  an index that cannot be written to: disk full, read-only    exit code 5
    ├── ModelError       a model that is not there or is not what it should be       exit code 6
    └── BusyError        more questions at once than can be answered                 exit code 2

Each message says what was found, what was expected and the command that mends it. "Not in the
sources" is no error: it is a reply.
"""


class CtqaError(Exception):
    """Anything that CTQA raises on purpose; `exit_code` is what the command line ends with."""

    exit_code = 2


class ConfigError(CtqaError):
    """A setting, an option or a question that cannot be used."""


class GoldError(CtqaError):
    """A gold file that cannot be read as one."""


class SourceError(CtqaError):
    """A document that cannot be read; a build records the reason and goes on."""

    exit_code = 3


class IndexLoadError(CtqaError):
    """An index that is missing, damaged, or made with something else than asked for."""

    exit_code = 5


class IndexWriteError(CtqaError):
    """An index that cannot be written to; what was committed before is as it was."""

    exit_code = 5


class ModelError(CtqaError):
    """A model that is not on this machine, cannot be fetched, or fails its checksum."""

    exit_code = 6


class BusyError(CtqaError):
    """More questions at once than can be answered in good time; a little later it will be one."""
