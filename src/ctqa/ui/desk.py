"""What all parts of the page stand on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256

from ctqa.answering.serving import Serving
from ctqa.evaluation.gold.judgments import Judgments
from ctqa.ui.building import Builder
from ctqa.ui.documents import Documents
from ctqa.ui.downloads import Downloads
from ctqa.ui.evaluating import Evaluations
from ctqa.ui.gold_care import GoldCare
from ctqa.ui.gold_sets import GoldSets
from ctqa.ui.originals import Originals
from ctqa.ui.welcome import Welcome
from ctqa.ui.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The index that is served, and what a page needs beside it."""

    serving: Serving
    welcome: Welcome
    originals: Originals
    downloads: Downloads
    documents: Documents
    judgments: Judgments
    workbench: Workbench

    @property
    def history_key(self) -> str:
        """The name by which a browser keeps the conversation with this index, and no other."""
        folder = str(self.serving.folder.absolute())
        return f"ctqa-{sha256(folder.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


@contextmanager
def desk_over(serving: Serving, builder: Builder | None = None) -> Iterator[Desk]:
    """Set up a desk over an index that is served; what it has begun ends with the block.

    None builds as `ctqa build` does.
    """
    with ExitStack() as ended:
        making = Builder(serving.folder) if builder is None else builder
        ended.callback(making.close)
        originals = Originals(serving)
        ended.callback(originals.close)
        judgments = Judgments(serving.folder)
        downloads = Downloads()
        evaluations = Evaluations(serving)
        ended.callback(evaluations.close)
        gold = GoldSets(serving, judgments)
        care = GoldCare(serving, gold, downloads)
        ended.callback(care.close)
        yield Desk(
            serving=serving,
            welcome=Welcome(serving),
            originals=originals,
            downloads=downloads,
            documents=Documents(serving.folder, making),
            judgments=judgments,
            workbench=Workbench(evaluations, gold, care),
        )
