"""What a file is by its first bytes, held against what its name says."""

from pathlib import Path

from ctqa.errors import SourceError
from ctqa.sources.decode import refuse_binary
from ctqa.sources.formats import LOADERS

_SAMPLE_BYTES = 65_536
_PDF, _PDF_WITHIN = b"%PDF-", 1024  # where readers of PDF look for its mark
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE: an encrypted one
_OFFICE = frozenset(
    {".docx", ".docm", ".dotx", ".dotm", ".xlsx", ".xlsm", ".pptx", ".pptm"} | {".odt", ".epub"}
)


def check_content(path: Path, suffix: str) -> None:
    """Refuse a file whose content is not what a suffix, in lower case, promises.

    What only its reader can tell (a damaged PDF, an archive that is no document) is left to that.

    Raises:
        SourceError: the suffix is of no format that is read, or the content is another's.
        OSError: it cannot be read.

    """
    if suffix not in LOADERS:
        known = ", ".join(sorted(LOADERS))
        raise SourceError(f"not a format that is read ({known})")
    with path.open("rb") as file:
        data = file.read(_SAMPLE_BYTES)
    if not data:
        raise SourceError("the file is empty")
    if suffix == ".pdf":
        if _PDF not in data[:_PDF_WITHIN]:
            raise SourceError("not a PDF, whatever its name says")
    elif suffix in _OFFICE:
        if not data.startswith((_ZIP, _OLE)):
            raise SourceError(f"not a {suffix} file, whatever its name says")
    else:
        refuse_binary(data)
