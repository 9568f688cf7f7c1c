"""Seeds: the same numbers again, on the same machine."""

import random

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seed Python, numpy and torch."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def example_seed(seed: int, round_number: int, index: int) -> int:
    """A seed of its own for each example of each round, the same whoever asks for it."""
    return int(np.random.SeedSequence([seed, round_number, index]).generate_state(1)[0])
