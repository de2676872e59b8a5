from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.torch_watch.meta_device import device_advice

X = torch.arange(6.0).reshape(2, 3)


def new_zeros_and_loops(x: Any) -> Any:
    y = x.new_zeros(x.shape)
    for i in range(x.shape[0]):
        y[i] = x[i] * 2
    return y


def zeros_on_its_device(x: Any) -> Any:
    return torch.zeros(2, 3, device=x.device) + x * torch.tensor(2.0)


def numpy_and_back(x: Any) -> Any:
    return torch.from_numpy(np.sort(x.detach().cpu().numpy())).to(x.device)


def decides_by_values(x: Any) -> Any:
    return x if x.sum() > 0 else torch.zeros(1)


def best(x: Any) -> Any:
    return x.argmax().item()


def endless_in_words(x: Any) -> Any:
    raise KeyboardInterrupt


def shapes_only(x: Any) -> Any:
    return tuple(x.shape)


def zeros_on_the_cpu(x: Any) -> Any:
    return torch.zeros(2, 3) + x


def filled_on_the_cpu(x: Any) -> Any:
    y = torch.zeros(2, 3)
    for i in range(2):
        y[i] = x[i]
    return y


def moved_to_the_cpu(x: Any) -> Any:
    return x.cpu() * 2


def numpy_without_coming_back(x: Any) -> Any:
    return torch.from_numpy(x.cpu().numpy() * 2)


def numpy_without_going_there(x: Any) -> Any:
    return torch.from_numpy(x.numpy() * 2).to(x.device)


def second_of_two(x: Any) -> Any:
    return x, [torch.zeros(3)]


@pytest.mark.parametrize(
    "function",
    [
        new_zeros_and_loops,
        zeros_on_its_device,
        numpy_and_back,
        decides_by_values,
        best,
        endless_in_words,
        shapes_only,
    ],
)
def test_answers_that_work_on_any_device_get_no_advice(function: Callable[..., Any]) -> None:
    assert device_advice(function, (X,), {}) == ""
    assert torch.equal(X, torch.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize(
    "function",
    [
        zeros_on_the_cpu,
        filled_on_the_cpu,
        moved_to_the_cpu,
        numpy_without_coming_back,
        numpy_without_going_there,
        second_of_two,
    ],
)
def test_answers_that_fail_on_a_gpu_get_advice(function: Callable[..., Any]) -> None:
    assert "CPU" in device_advice(function, (X,), {})


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize(
    ("function", "works"),
    [(new_zeros_and_loops, True), (numpy_and_back, True), (zeros_on_the_cpu, False)],
)
def test_the_advice_is_what_a_gpu_says(function: Callable[..., Any], works: bool) -> None:
    try:
        right = function(X.cuda()).is_cuda
    except (RuntimeError, TypeError):
        right = False
    assert right is works
    assert (device_advice(function, (X,), {}) == "") is works
