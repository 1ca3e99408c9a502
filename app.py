"""The page in a browser over the index in `index/`: `python app.py`."""

from ctqa.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["serve"]))
