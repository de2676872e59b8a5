"""Networks in the hidden tests: kinds, weights, gradients, and the place of their images."""

from __future__ import annotations

import torch
from torch import nn

from source.shared.networks import (
    fill_by_name,
    fill_by_shape,
    gradients_of,
    kinds_of,
    numbers_of,
    place_of_images,
)


def small() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))


def test_the_kinds_of_a_layer_end_at_the_module() -> None:
    class Mine(nn.Conv2d):
        pass

    assert kinds_of(Mine(1, 1, 1)) == ["Mine", "Conv2d", "_ConvNd", "Module"]


def test_weights_by_shape_do_not_depend_on_names_and_order() -> None:
    one, other = small(), nn.ModuleDict({"z": nn.Linear(8, 3), "a": nn.Conv2d(1, 2, 3)})
    other["norm"] = nn.BatchNorm2d(2)
    pairs = [fill_by_shape(m, torch.Generator().manual_seed(1)) for m in (one, other)]
    shapes = [tuple(p.shape) for p in pairs[0]]
    assert shapes == sorted(shapes)
    for mine, theirs in zip(*pairs, strict=True):
        assert torch.equal(mine, theirs)
        assert mine.unique().numel() == mine.numel()


def test_weights_by_name_are_equal_for_equal_names_and_keys() -> None:
    one, other = small().state_dict(), small().state_dict()
    fill_by_name(one, 3)
    fill_by_name(other, 3)
    assert all(torch.equal(one[name], other[name]) for name in one)
    fill_by_name(other, 4)
    different = {name for name in one if not torch.equal(one[name], other[name])}
    assert different == {name for name in one if name != "1.num_batches_tracked"}
    assert bool((one["1.running_var"] >= 0.5).all())


def test_a_large_tensor_repeats_its_numbers_and_a_small_one_does_not() -> None:
    state = {"a.weight": torch.empty(5, 7), "a.bias": torch.empty(5)}
    few = {name: value.clone() for name, value in state.items()}
    fill_by_name(state, 1)
    fill_by_name(few, 1, most=10)
    weight = few["a.weight"].flatten()
    assert torch.equal(weight, weight[:10].repeat(4)[:35])
    assert state["a.weight"].unique().numel() == 35
    assert torch.equal(few["a.bias"], state["a.bias"])


def test_numbers_and_gradients_of_a_model_are_one_vector_each() -> None:
    model = nn.Linear(2, 3)
    assert numbers_of(model).dtype == torch.float64
    assert len(numbers_of(model)) == 9
    assert gradients_of(model) == "none"
    model(torch.ones(1, 2)).sum().backward()
    assert torch.equal(gradients_of(model), torch.ones(9))


def test_images_are_followed_to_the_device() -> None:
    words = "the place of the images"

    def moved(device: str) -> None:
        raise ArithmeticError(model(torch.ones(2, 4).to(device)).shape)

    model = nn.Linear(4, 3)
    assert place_of_images(model, 3, moved) == {words: "on the device"}
    model = nn.Linear(4, 3)
    assert place_of_images(model, 3, lambda device: model(torch.ones(2, 4))) == {words: ["cpu"]}
