"""Would an answer work on a GPU? Asked without one, by calling it with tensors on another device.

The other device is torch's ``meta``, which keeps shapes and no values. Where an answer moves such
a tensor to the CPU, as numpy needs, it gets zeros there; where it decides by values, nothing is
said. The result is advice, and never changes points.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_MIXED = "it mixes tensors on the CPU with its arguments, which on a GPU is an error"
_NUMPY = "can't convert meta"
_MAY_MIX = {"copy_", "index", "index_put", "index_put_", "_index_put_impl_"}


class _NeedsValues(Exception):
    """The answer looks at values, which there are none of."""


class _MixedDevices(Exception):
    """A tensor of the other device meets one of the CPU."""


class _Elsewhere(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        source = next((arg for arg in args if isinstance(arg, torch.Tensor)), None)
        if source is not None and source.is_meta:
            if name in ("_local_scalar_dense", "nonzero", "equal", "is_nonzero"):
                raise _NeedsValues
            if name == "_to_copy" and _is_cpu(kwargs.get("device")):
                return torch.zeros(source.shape, dtype=kwargs.get("dtype") or source.dtype)
        if name == "copy_" and not args[0].is_meta and args[1].is_meta:
            return args[0]  # a GPU's values would arrive; the result stays where it is
        places = {tensor.is_meta for tensor in _tensors(args) if tensor.is_meta or tensor.dim()}
        if len(places) > 1 and name not in _MAY_MIX:
            raise _MixedDevices
        return func(*args, **kwargs)


def device_advice(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The error of a call with arguments on another device than the CPU; empty if there is none.

    Never raises, even if the function does.
    """
    try:
        moved_args, moved_kwargs = _moved((args, kwargs))
        with _Elsewhere():  # type: ignore[no-untyped-call]
            value = function(*moved_args, **moved_kwargs)
        on_the_cpu = any(not tensor.is_meta for tensor in _tensors(value))
    except _MixedDevices:
        return _MIXED
    except BaseException as error:  # mostly not a question of devices
        return _MIXED if isinstance(error, TypeError) and _NUMPY in str(error) else ""
    return "its result is on the CPU even when its arguments are on a GPU" if on_the_cpu else ""


def _is_cpu(device: Any) -> bool:
    return device is not None and torch.device(device).type == "cpu"


def _moved(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().to("meta").requires_grad_(value.requires_grad)
    if isinstance(value, (tuple, list)):
        return type(value)(_moved(item) for item in value)
    if isinstance(value, dict):
        return {key: _moved(item) for key, item in value.items()}
    return value


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in _tensors(item)]
    return []
