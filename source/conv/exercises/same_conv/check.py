"""The hidden test of same_conv."""

from shared.networks import kinds_of

from autograder.checks import assignments, check, probe
from solutions.conv import convolution as reference


def make(draw, c_in, c_out, half, N, H, W):
    kernel_size = 2 * half + 1
    x, bias = draw.tensor(N, c_in, H, W), draw.tensor(c_out)
    return c_in, c_out, kernel_size, x, draw.tensor(c_out, c_in, kernel_size, kernel_size), bias


@probe
def built(make_layer, c_in, c_out, kernel_size, x, weight, bias):
    layer = make_layer(c_in, c_out, kernel_size)
    found = {
        "its kinds": kinds_of(layer),
        "the weight's shape": tuple(layer.weight.shape),
        "the output's shape": tuple(layer(x).shape),
    }
    layer.load_state_dict({"weight": weight, "bias": bias})
    return found | {"the output with given weights": layer(x).detach()}


@built.reading
def look(found, *_):
    found = dict(found)
    return {"is it an nn.Conv2d": "Conv2d" in found.pop("its kinds")} | found


def written(c_in, c_out, kernel_size, x, weight, bias):
    return (
        f"{assignments(x=x, weight=weight, bias=bias)}\n"
        f"layer = same_conv({c_in}, {c_out}, {kernel_size})\n"
        'layer.load_state_dict({"weight": weight, "bias": bias})\n'
        "layer(x)"
    )


def test(same_conv):
    return check(
        same_conv,
        reference.same_conv,
        make,
        groups={
            "kernel 3": [
                dict(c_in=2, c_out=3, half=1, N=2, H=5, W=4),
                dict(c_in=4, c_out=6, half=1, N=1, H=3, W=4),
            ],
            "kernel 1": dict(c_in=3, c_out=2, half=0, N=1, H=3, W=4),
            "as many filters as channels": [
                dict(c_in=3, c_out=3, half=1, N=1, H=4, W=3),
                dict(c_in=4, c_out=4, half=0, N=2, H=2, W=3),
            ],
            "kernels 5 and 7": [
                dict(c_in=1, c_out=2, half=2, N=1, H=6, W=5),
                dict(c_in=2, c_out=1, half=3, N=1, H=4, W=9),
            ],
            "a kernel larger than the image": dict(c_in=1, c_out=1, half=2, N=1, H=2, W=3),
        },
        shrink=dict(c_in=(1, 3), c_out=(1, 3), half=(0, 3), N=(1, 2), H=(1, 4), W=(1, 4)),
        extras=None,
        left_alone=True,
        use=look,
        snippet=written,
    )
