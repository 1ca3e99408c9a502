"""Where a reader is trained and read in torch: on the CPU, or on a GPU."""

import argparse

import torch

from ctqa.errors import ConfigError


def add_device(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where to compute."""
    parser.add_argument(
        "--device", default="cpu", help="cpu, or cuda: there frozen layers are run, not cached"
    )


def device_of(asked: argparse.Namespace) -> torch.device:
    """Give the device that was asked for.

    Raises:
        ConfigError: this machine, or torch on it, has no GPU.

    """
    device = torch.device(asked.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch finds no GPU here; leave it out to use the CPU")
    torch.set_float32_matmul_precision("high")
    return device
