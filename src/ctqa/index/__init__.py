"""The index: a catalog in SQLite, vectors in FAISS, terms in tantivy, one commit point."""
