"""A few scenes of each kind, as tensors."""

import numpy as np
import torch
from shared.scenes import SCENES, draw_scene


def some_scenes(per_class, seed):
    """Return images (N, 3, 64, 64) and labels (N,), per_class of each kind of place."""
    rng = np.random.default_rng(seed)
    images = [draw_scene(name, rng) for _ in range(per_class) for name in SCENES]
    labels = torch.arange(len(SCENES)).repeat(per_class)
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous().float(), labels
