"""Settings: checked when they are read, with the mend in the message."""

from pathlib import Path

import pytest

from ctqa.config import Config, IndexConfig, SearchConfig, load_config, with_settings
from ctqa.errors import ConfigError


def test_no_file_gives_the_defaults() -> None:
    assert load_config(None) == Config()


def test_a_file_sets_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "ctqa.toml"
    path.write_text("[index]\npassage_tokens = 100\n[search]\ndense_weight = 1\n")
    found = load_config(path)
    assert found.index == IndexConfig(passage_tokens=100)
    assert found.search == SearchConfig(dense_weight=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[index]\npasage_tokens = 9", "did you mean 'passage_tokens'"),
        ("[serch]\n", r"unknown table \[serch\]"),
        ("[index]\npassage_tokens = 'many'", "expected a whole number"),
        ("[index]\npassage_tokens = true", "expected a whole number"),
        ("[index]\npassage_tokens = 5", "expected 16 to 8192"),
        ("[index]\nsplit = 'words'", 'expected "sentences" or "document"'),
        ("[index]\npassage_tokens = 50\noverlap_tokens = 50", "expected less than passage_tokens"),
        ("[search]\nmin_score = 1.5", "expected 0 to 1"),
        ("[search]\npassages = 0", "expected 1 to 1000"),
        ("index = 3", "expected a table"),
        ("[index", "is not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ctqa.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_config(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        load_config(tmp_path / "none.toml")


def test_a_whole_number_will_do_for_a_fraction() -> None:
    assert with_settings(SearchConfig(), {"dense_weight": 0}).dense_weight == 0
