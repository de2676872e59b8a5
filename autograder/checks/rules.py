"""Rules of the kind "build it yourself": ready-made functions that an answer may not run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.torch_watch.families import Family, base_name
from autograder.torch_watch.operations import family_of
from autograder.torch_watch.recorder import BACKWARD_NODE

_BUILT_IN = frozenset((
    Family.CONVOLUTION, Family.FOLDING, Family.POOLING, Family.NORMALISATION, Family.HIDING,
))  # fmt: skip
RULES: dict[str, frozenset[Family]] = {
    "convolution": _BUILT_IN,
    "convolution, not normalisation": _BUILT_IN - {Family.NORMALISATION},
    "convolution+autograd": _BUILT_IN | {Family.AUTOGRAD, Family.GRADIENT},
}
_NOUNS = {
    Family.CONVOLUTION: "convolution",
    Family.POOLING: "pooling",
    Family.NORMALISATION: "normalisation",
    Family.FOLDING: "F.unfold / F.fold",
}
_LAYERS = re.compile(
    r"(?:adaptive_|fractional_)?(?:max|avg)_(?:un)?pool[123]d|(?:batch|layer|group|instance|rms)_norm"
)
_CONVOLUTIONS = "F.conv1d / conv2d / conv3d or a Conv layer"
_TOLD = re.compile(r"[\w.:<>, -]{1,120}")


def broken_rule(rule: str | None, operations: Iterable[str]) -> str | None:
    """The forbidden function in words, or None if there is none.

    ``operations`` are names from ``Watched.names``. Raises KeyError for an unknown rule.
    """
    if rule is None:
        return None
    forbidden = RULES[rule]
    found = [(name, family) for name in operations if (family := family_of(name)) in forbidden]
    found.sort(key=lambda pair: _RANKS.index(pair[1]))  # a layer's name tells more than a trick
    return _words(*found[0]) if found else None


_RANKS = (
    Family.CONVOLUTION, Family.POOLING, Family.NORMALISATION, Family.FOLDING, Family.HIDING,
    Family.AUTOGRAD, Family.GRADIENT,
)  # fmt: skip


def _words(name: str, family: Family) -> str:
    """The usual words for the function behind a name."""
    _, space, called = name.partition(" ")
    shown = called if space else name
    if not _TOLD.fullmatch(shown):
        shown = "a function"
    if family is Family.HIDING:
        return f"{shown}, which hides from the grader what is computed"
    if family is Family.AUTOGRAD:
        return f"{shown} (autograd)" if space else _differentiation(name)
    if space:
        return f"{shown}, {_NOUNS.get(family, 'a gradient')} that is ready-made"
    return _operation(name, family)


def _differentiation(name: str) -> str:
    if "dual" in name:
        return "forward-mode autograd (torch.func.jvp or dual numbers)"
    return (
        "autograd (grad_fn)"
        if name == BACKWARD_NODE
        else "autograd (backward or torch.autograd.grad)"
    )


def _operation(name: str, family: Family) -> str:
    plain = base_name(name)
    public = "torch.ops." + name.split(".")[0].replace("::", ".")
    if family is Family.FOLDING:
        return {"im2col": "F.unfold", "col2im": "F.fold"}.get(plain, f"torch's {public}")
    if family is Family.GRADIENT:
        return f"torch's own gradient of an operation ({public})"
    if "backward" in plain:
        how = "torch.nn.grad or autograd" if family is Family.CONVOLUTION else public
        return f"torch's own {_NOUNS[family]} gradient ({how})"
    layer = _LAYERS.search(plain)
    if layer:
        public = f"F.{layer.group()}"
    elif family is Family.CONVOLUTION and name.startswith("aten::"):
        public = _CONVOLUTIONS
    return f"torch's own {_NOUNS[family]} ({public})"
