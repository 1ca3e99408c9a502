"""A result as one HTML file that needs nothing else: no network, no server, no other file."""

from ctqa.evaluation.html_report.page import html_of, policy_when_served, write_report

__all__ = ["html_of", "policy_when_served", "write_report"]
