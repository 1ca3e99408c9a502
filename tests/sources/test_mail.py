from email.message import EmailMessage

import pytest

from ctqa.sources.mail import load_mail


def message(**head: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in head.items():
        made[name] = value
    return made


def test_head_and_body_with_the_subject_as_title() -> None:
    made = message(
        From="Ann Lée <ann@example.org>",
        To="board@example.org",
        Date="Mon, 05 Jun 2023 10:00:00 +0100",
        Subject="Beds in Bexley",
    )
    made.set_content("Twelve beds closed.\n\n> How many?\n\nNone will open.\n")
    made.add_attachment(b"x", maintype="application", subtype="pdf", filename="beds.pdf")
    loaded = load_mail(made.as_bytes())
    (content,) = loaded.contents
    assert content.text == (
        "From: Ann Lée <ann@example.org>\nTo: board@example.org\n"
        "Date: Mon, 05 Jun 2023 10:00:00 +0100\nSubject: Beds in Bexley\n\n"
        "Twelve beds closed.\n\n> How many?\n\nNone will open."
    )
    assert (content.title, content.author, content.year) == ("Beds in Bexley", "Ann Lée", "2023")
    assert loaded.reason == "1 attachment not read: beds.pdf"


def test_a_body_of_html_is_read_as_a_page() -> None:
    made = message(Subject="News")
    made.set_content(
        "<html><body><h1>News</h1><p>The ward opens.</p><script>no()</script></body></html>",
        subtype="html",
    )
    (content,) = load_mail(made.as_bytes()).contents
    assert content.text == "Subject: News\n\nNews\n\nThe ward opens."


@pytest.mark.parametrize("charset", ["no-such-charset", "utf-8"])
def test_a_wrong_charset_does_not_lose_the_body(charset: str) -> None:
    data = (
        f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nCafé costs £5.\r\n"
    ).encode("cp1252")
    (content,) = load_mail(data).contents
    assert "Café costs £5." in content.text


def test_what_is_no_message_is_told_or_kept_as_text() -> None:
    loaded = load_mail(b"\x00\x01\x02")
    assert loaded.state == "failed" or loaded.contents
