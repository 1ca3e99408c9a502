"""Run the command line: `ctqa`, and `python -m ctqa`."""

import sys


def main() -> int:
    """Run one command and give its exit code, also where it is interrupted while it starts."""
    try:
        from ctqa import cli  # noqa: PLC0415

        return cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("ctqa: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
