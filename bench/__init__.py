"""Measured comparisons; see README.md in this folder."""
