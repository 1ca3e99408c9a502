"""Documents -> their passages, with the copies that are searched."""

from collections.abc import Iterable, Iterator

from ctqa.config import IndexConfig
from ctqa.index.english import english
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.index.staged import SplitDocument
from ctqa.models import Encoder
from ctqa.records import Document
from ctqa.sources.splitter import split


def split_documents(
    documents: Iterable[Document], vocabulary: Vocabulary, encoder: Encoder, config: IndexConfig
) -> Iterator[SplitDocument]:
    """Split documents of one file, whose words are `vocabulary`, each when it is asked for."""
    for document in documents:
        whole = config.split == "document"
        ends = [] if whole else encoder.token_ends([document.text])[0]
        mender = Mender(english(), vocabulary, document.text)
        mended = with_mended(document, split(document, ends, config), mender)
        passages = with_search_texts(document, mended, encoder)
        yield SplitDocument(document=document, passages=passages)
