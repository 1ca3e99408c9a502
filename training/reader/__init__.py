"""How the reader was learned: prepare, cache, train, evaluate, export; one command each.

They keep what they make below bench/out/reader, and go on where they were stopped.
"""
