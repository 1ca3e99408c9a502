"""Taking a port."""

import pytest

from ctqa.errors import ConfigError
from ctqa.listening import HOST, LAST_PORT, listen, say


def test_a_free_port_is_taken_and_the_next_one_named_where_it_is_not_free() -> None:
    with listen(HOST, 0, command="ctqa serve") as taken:
        port = taken.getsockname()[1]
        why = rf"port {port} on {HOST}: is taken .* `ctqa mcp --http --port {port + 1}`"
        with pytest.raises(ConfigError, match=why):
            listen(HOST, port, command="ctqa mcp --http")


@pytest.mark.parametrize("port", [-1, LAST_PORT + 1])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ConfigError, match=f"port {port}: expected a number from 0"):
        listen(HOST, port, command="ctqa serve")


def test_a_line_is_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("Serving")
    assert capsys.readouterr() == ("", "Serving\n")
