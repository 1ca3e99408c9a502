"""An index that is damaged in any way says what the untouched one says, or that it is damaged.

One exception, which SQLite makes on purpose: where the log of a catalog is damaged that is not yet
in the catalog itself, what is behind the damage was never committed, and the build before answers.
"""

import os
import tempfile
from pathlib import Path

import pytest
from apart import apart
from mutating import try_all

SEEDS = 10_000 if os.environ.get("CTQA_MUTATIONS") == "all" else 300
MEMORY = Path("/dev/shm")  # noqa: S108 -- what lies there is read as elsewhere, and sooner


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each case is tried in a forked process")
def test_a_damaged_index_is_refused_or_says_what_it_said(tmp_path: Path) -> None:
    where = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=where, prefix="ctqa-") as folder:
        counts, failures = apart(try_all, Path(folder), SEEDS)
    assert failures == []
    came = {what for each in counts.values() for what in each}
    assert came == {"harmless", "refused", "refused in part", "the build before"}
    assert sum(sum(each.values()) for each in counts.values()) == SEEDS
