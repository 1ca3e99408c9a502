"""Buttons within markup: each says what it does, and to what, for the server to read."""

from ctqa.ui.markup import Html, element


def button(label: str, do: str, *, name: str = "", **data: str) -> Html:
    """Make a button that does something to what its data names.

    `name` is what those hear who do not see it, where its label alone does not tell what it is for.
    """
    said = {"aria_label": name} if name else {}
    given = {f"data_{key}": value for key, value in data.items()}
    return element("button", label, type="button", data_do=do, **said, **given)
