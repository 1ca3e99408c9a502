"""From a question to a reply: retrieve, read, judge."""
