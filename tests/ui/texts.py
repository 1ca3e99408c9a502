"""Texts that try to become markup."""

import re

from hypothesis import strategies as st

ANYTHING = st.text(st.characters())  # NUL and lone surrogates included
PAYLOADS = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "</p><img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)',
        "' onfocus='alert(1)",
        "<!-- ",
        "-->",
        "]]>",
        "<?php ?>",
        "&lt;",
        "&#60;",
        "&amp",
        "&",
        "\r\n",
        "\0",
        "\ud800",
        "${alert(1)}",
        "`",
        "{{value}}",
        "javascript:alert(1)",
        "\u202e",
        "e\u0301",
        "👩🏽‍⚕️",
    ]
)
TEXTS = st.lists(PAYLOADS | ANYTHING, max_size=6).map("".join)


def shown(characters: str) -> str:
    """What HTML can hold of a text."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", characters)
