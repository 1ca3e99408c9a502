"""Loading gold questions, whatever form they come in."""

from pathlib import Path

from ctqa.errors import GoldError
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment
from ctqa.evaluation.gold.rows import load_csv, load_jsonl, load_ods, load_xlsx
from ctqa.evaluation.gold.squad import load_squad
from ctqa.evaluation.gold.trec import QUERIES, TOPICS, load_beir, load_trec

__all__ = ["Gold", "GoldQuestion", "Judgment", "load_gold"]

_LOADERS = {
    ".jsonl": load_jsonl,
    ".ndjson": load_jsonl,
    ".csv": load_csv,
    ".tsv": load_csv,
    ".xlsx": load_xlsx,
    ".xlsm": load_xlsx,
    ".ods": load_ods,
    ".json": load_squad,
}
_OTHER_TABLES = frozenset((".xls", ".xlsb", ".xlt", ".fods", ".numbers", ".docx", ".doc", ".odt"))
_FORMS = (
    "a .jsonl, .csv, .xlsx or .ods file in CTQA's own form, SQuAD as .json, a BEIR folder "
    "(queries.jsonl with qrels.tsv) or a TREC folder (topics.tsv or topics.txt with qrels.txt)"
)


def load_gold(path: Path) -> Gold:
    """Load a gold set: CTQA's own JSONL, CSV, XLSX or ODS, SQuAD JSON, a BEIR or a TREC folder.

    Raises:
        GoldError: there is nothing of that name, or it cannot be read as gold.

    """
    if path.is_dir():
        return _load_folder(path)
    if not path.exists():
        raise GoldError(f"{path}: there is no such file or folder; expected {_FORMS}")
    loader = _LOADERS.get(path.suffix.lower())
    if path.suffix.lower() in _OTHER_TABLES:
        raise GoldError(
            f"{path}: gold is not read from such files; open it and save it as an Excel workbook "
            "(.xlsx) or as .csv, with a line a question"
        )
    if loader is None:
        raise GoldError(f"{path}: is in no known form; expected {_FORMS}")
    return loader(path)


def _load_folder(folder: Path) -> Gold:
    if (folder / QUERIES).is_file():
        return load_beir(folder)
    if any((folder / name).is_file() for name in TOPICS):
        return load_trec(folder)
    names = sorted(entry.name for entry in folder.iterdir())
    found = ", ".join(names[:10]) if names else "nothing"
    raise GoldError(f"{folder}: found {found}; expected {_FORMS}")
