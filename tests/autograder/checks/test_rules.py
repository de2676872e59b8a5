from __future__ import annotations

import pytest

from autograder.checks.rules import broken_rule


@pytest.mark.parametrize(
    ("rule", "operations", "words"),
    [
        (None, ["aten::convolution"], None),
        ("convolution", [], None),
        ("convolution", ["aten::add", "autograd", "aten::mul"], None),
        ("convolution", ["aten::add", "aten::im2col"], "F.unfold"),
        ("convolution", ["aten::avg_pool2d"], "torch's own pooling (F.avg_pool2d)"),
        ("convolution", ["hides sys.setprofile", "aten::avg_pool2d"], "torch's own pooling"),
        ("convolution", ["aten::conv2d"], "torch's own convolution (F.conv1d / conv2d / conv3d or"),
        ("convolution", ["quantized::conv2d_relu"], "(torch.ops.quantized.conv2d_relu)"),
        ("convolution", ["aten::convolution_backward"], "torch's own convolution gradient (torch."),
        ("convolution", ["aten::native_layer_norm"], "torch's own normalisation (F.layer_norm)"),
        ("convolution", ["aten::mulch_norm"], "normalisation (torch.ops.aten.mulch_norm)"),
        ("convolution", ["call numpy.convolve"], "numpy.convolve, convolution that is ready-made"),
        ("convolution", ["hides _op_dk"], "_op_dk, which hides from the grader what is computed"),
        ("convolution", ["hides <script>x</script>\n"], "a function, which hides"),
        ("convolution", ["lies of all kinds", "", "call ", "hides"], None),
        ("convolution+autograd", ["autograd"], "autograd (backward or torch.autograd.grad)"),
        ("convolution+autograd", ["aten::_make_dual"], "forward-mode autograd (torch.func.jvp"),
        ("convolution+autograd", ["call torch.autograd.functional.vjp"], "vjp (autograd)"),
        ("convolution+autograd", ["aten::unfold_backward"], "gradient of an operation (torch.ops"),
        ("convolution+autograd", ["aten::col2im"], "F.fold"),
    ],
)
def test_what_is_forbidden_is_named_in_words(
    rule: str | None, operations: list[str], words: str | None
) -> None:
    told = broken_rule(rule, operations)
    assert told == words if words is None else words in (told or "")
