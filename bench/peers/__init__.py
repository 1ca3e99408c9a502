"""CTQA beside what a user would pick instead, measured in one run: `python -m bench.peers`.

Modules named after a peer run in an environment of the peers' own, `bench/out/peers-venv`; they
and what they share (`job`, `asking`, `meter`) need nothing of CTQA, only what the peer brings.
"""
