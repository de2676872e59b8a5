"""Rules of the kind "build it yourself": which torch operations an answer may not run."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.wall.operations import AUTOGRAD

# operation as torch dispatches it -> how people call it
_BUILT_IN = {
    "convolution": "torch's own convolution (F.conv1d / conv2d / conv3d or a Conv layer)",
    "convolution_backward": "torch's own convolution gradient (torch.nn.grad or autograd)",
    "mkldnn_convolution": "torch's own convolution",
    "im2col": "F.unfold",
    "col2im": "F.fold",
    "max_pool2d": "torch's own pooling (F.max_pool2d)",
    "max_pool2d_with_indices": "torch's own pooling (F.max_pool2d)",
    "max_pool2d_with_indices_backward": "torch's own pooling gradient",
    "max_pool3d_with_indices": "torch's own pooling (F.max_pool3d)",
    "avg_pool2d": "torch's own pooling (F.avg_pool2d)",
    "avg_pool2d_backward": "torch's own pooling gradient",
    "avg_pool3d": "torch's own pooling (F.avg_pool3d)",
    "_adaptive_avg_pool2d": "torch's own pooling (F.adaptive_avg_pool2d)",
    "adaptive_max_pool2d": "torch's own pooling (F.adaptive_max_pool2d)",
    "native_batch_norm": "torch's own normalisation (F.batch_norm)",
    "_native_batch_norm_legit": "torch's own normalisation (F.batch_norm)",
    "_batch_norm_with_update": "torch's own normalisation (F.batch_norm)",
    "cudnn_batch_norm": "torch's own normalisation (F.batch_norm)",
    "native_batch_norm_backward": "torch's own normalisation gradient",
    "native_layer_norm": "torch's own normalisation (F.layer_norm)",
    "native_group_norm": "torch's own normalisation (F.group_norm)",
}
_RULES = {
    "convolution": _BUILT_IN,
    "convolution+autograd": {
        **_BUILT_IN,
        AUTOGRAD: "autograd (backward or torch.autograd.grad)",
    },
}


def broken_rule(rule: str | None, operations: Iterable[str]) -> str | None:
    """The forbidden call that was found, in words, or None.

    Raises KeyError for a rule that does not exist.
    """
    if rule is None:
        return None
    forbidden = _RULES[rule]
    return next((forbidden[name] for name in operations if name in forbidden), None)
