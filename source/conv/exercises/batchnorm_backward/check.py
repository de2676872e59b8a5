"""The hidden test of batchnorm_backward."""

import torch

from autograder.checks import Call, check, probe
from solutions.conv import normalization as reference

ALL, DX, DGAMMA, DBETA = "all", "dx", "dgamma", "dbeta"  # what is compared


def make(draw, N, D, part, eps=1e-5, plain=False, total=False, left_out=False):
    """With total, the loss is the output's sum times a number: dout is that number, expanded."""
    x = draw.tensor(N, D) * draw.uniform(1, 2, D) + 2 * draw.tensor(D)
    x[0] += 2 * (x.var(0, unbiased=False) < 0.3)
    gamma = draw.uniform(0.5, 2, D) * (1 - 2 * (draw.tensor(D) < 0).to(x.dtype))
    if draw.is_readable:
        x, gamma = draw.tensor(N, D), draw.tensor(D)
    if plain:
        gamma = torch.ones_like(gamma)
    shift = 0 if draw.is_readable else 0.5
    dout = (draw.tensor(1, 1) + shift).expand(N, D) if total else draw.tensor(N, D) + shift
    return Call(dout, x, gamma, eps=eps, compared=part, left_out=left_out)


@probe
def look(backward, dout, x, gamma, eps, compared, left_out):
    given = {} if left_out else {"eps": eps}
    dx, dgamma, dbeta = backward(dout, x, gamma, **given)
    every = {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}
    return every if compared == "all" else {compared: every[compared]}


def written(dout, x, gamma, eps, compared, left_out):
    return Call(dout, x, gamma) if left_out else Call(dout, x, gamma, eps=eps)


def test(batchnorm_backward):
    return check(
        batchnorm_backward,
        reference.batchnorm_backward,
        make,
        groups={
            "dbeta": [dict(N=5, D=3, part=DBETA), dict(N=4, D=4, part=DBETA)],
            "dgamma": [
                dict(N=5, D=3, part=DGAMMA),
                dict(N=4, D=4, part=DGAMMA),
                dict(N=4, D=2, part=DGAMMA, eps=0.5),
            ],
            "dx of one feature, gamma = 1": dict(N=5, D=1, part=DX, plain=True),
            "dx of one feature": [dict(N=4, D=1, part=DX), dict(N=9, D=1, part=DX)],
            "dx of several features": [
                dict(N=6, D=4, part=DX),
                dict(N=4, D=6, part=DX),
                dict(N=5, D=5, part=DX),
            ],
            "dx with a large eps": dict(N=5, D=3, part=DX, eps=0.5),
            "the loss is a sum of outputs": dict(N=4, D=3, part=ALL, total=True),
            "optional arguments left out": dict(N=4, D=3, part=ALL, left_out=True),
        },
        shrink=dict(N=(3, 9), D=(1, 6)),  # for two samples dx is nearly 0
        extras=dict(N=5, D=3, part=ALL),
        forbid="convolution+autograd",
        use=look,
        snippet=written,
    )
