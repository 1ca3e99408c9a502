"""The store in a Qdrant cluster: passages by their vectors and terms, sharded and replicated.

What lies where. The catalog stays on the machine that builds: it is what a build is committed in,
and what receipts, pages and the cache of vectors need; Qdrant has no transactions. What grows with
the collection and is searched lies in the cluster, each passage with its document, place, text and
hash, so that the two can be held against each other. A machine that only asks takes a copy of the
catalog: `ctqa export --to qdrant://…` puts it into the cluster, `ctqa import qdrant://…` takes it
from there.

Builds. A collection is a *generation*; it holds the rows of all builds that are kept, each point
with the first and the last build it belongs to, just as the catalog's rows have them. A reader
searches `first <= build <= last`. So a build is visible at the very moment at which the catalog
commits it, to who opens the index then, and not before; whoever has the build before open goes on
with that; going back costs nothing; and to add a document costs that document. A collection a
build would be simpler, and would send or copy every point for each added document. The alias, by
which other programs find the collection, is switched, at once, when there is a new generation:
when the encoder, the libraries or the mean length of passages have changed, or what was there was
damaged. The old one stays as long as a build in it is kept.

Writes. A point's id is the uuid5 of its document, range, search text's hash and first build:
writing it again changes nothing, and a build that was stopped goes on with what is missing. Every
write is waited for and tried again until it is acknowledged, or a minute has passed. One replica is
enough for that (`write_consistency_factor` 1): with 2, a node that is down leaves writes
half-applied. A replica that missed one is marked dead by the cluster and made whole by it.

Scores. The cluster finds candidates; their scores are worked out here, from the catalog's vectors
and texts: a server adds in another order after a replica was made whole, and what ties would no
longer. By its words a passage has the weights of BM25 with the constants, terms and rounded lengths
that tantivy has. The inverse document frequencies come with the question, from exact counts in the
build, which signals of confidence ask for in any case. The server's own (`modifier: idf`) are of
each shard by itself and of the rows of all builds, those that are being written too: the scores of
a build that is open would change under its readers. Fusion is done here: the server has reciprocal
rank and distribution-based fusion, and neither is our convex combination of normalised scores.
"""
