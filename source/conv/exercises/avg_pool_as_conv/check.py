"""The hidden test of avg_pool_as_conv."""

from shared.networks import kinds_of
from torch import nn

from autograder.checks import assignments, check, probe
from solutions.conv import pooling as reference


def make(draw, channels, kernel_size, N, H, W):
    return channels, kernel_size, draw.tensor(N, channels, H, W)


@probe
def take_apart(make_layer, channels, kernel_size, x):
    layer = make_layer(channels, kernel_size)
    output = layer(x).detach()
    bias = None if layer.bias is None else layer.bias.detach()
    how = (layer.stride, layer.padding, layer.dilation, layer.groups)
    return kinds_of(layer), output, layer.weight.detach(), bias, how


@take_apart.reading
def look(raw, channels, kernel_size, x):
    kinds, output, weight, bias, how = raw
    found = {"is it an nn.Conv2d": "Conv2d" in kinds, "the output": output}
    convolve = nn.functional.conv2d  # here, where no answer reaches it
    shapes = [None if part is None else part.to("meta") for part in (x, weight, bias)]
    if convolve(*shapes, *how).shape == output.shape:  # if not, it can be of any size
        found["the output of a convolution with its weights"] = convolve(x, weight, bias, *how)
    return found


def written(channels, kernel_size, x):
    return f"{assignments(x=x)}\navg_pool_as_conv({channels}, {kernel_size})(x)"


def test(avg_pool_as_conv):
    return check(
        avg_pool_as_conv,
        reference.avg_pool_as_conv,
        make,
        groups={
            "one channel": dict(channels=1, kernel_size=2, N=1, H=4, W=4),
            "several channels": [
                dict(channels=3, kernel_size=2, N=1, H=4, W=6),
                dict(channels=2, kernel_size=2, N=3, H=2, W=4),
            ],
            "windows of 3": dict(channels=1, kernel_size=3, N=2, H=6, W=9),
            "windows that stick out": dict(channels=1, kernel_size=2, N=1, H=5, W=7),
            "windows of one pixel, and as large as the image": [
                dict(channels=3, kernel_size=1, N=1, H=2, W=3),
                dict(channels=2, kernel_size=3, N=1, H=3, W=3),
            ],
        },
        sizes=dict(channels=(1, 4), kernel_size=(1, 3), N=(1, 2), H=(3, 7), W=(3, 7)),
        shrink=dict(channels=(1, 4), kernel_size=(1, 3), N=(1, 2), H=(1, 7), W=(1, 7)),
        where=lambda kernel_size, H, W, **_: kernel_size <= H and kernel_size <= W,
        extras=None,
        left_alone=True,
        use=look,
        snippet=written,
    )
