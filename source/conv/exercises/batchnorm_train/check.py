"""The hidden test of batchnorm_train."""

import torch

from autograder.checks import Call, check, probe
from solutions.conv import normalization as reference

ALL, OUT, MEAN, VAR = "all", "the output", "running_mean", "running_var"  # what is compared
NAMED, PLACED, LEFT_OUT = "by name", "by place", "left out"  # how momentum and eps are passed


def make(draw, N, D, part, eps=1e-5, momentum=0.1, fresh=False, form=NAMED):
    x = draw.tensor(N, D) * draw.uniform(1, 3, D) + 2 * draw.tensor(D)
    x[0] += 2 * (x.var(0, unbiased=False) < 0.1)
    gamma, beta = 2 * draw.tensor(D) + 0.5, draw.tensor(D)
    mean, var = 3 * draw.tensor(D), draw.uniform(0.5, 4, D)
    if draw.is_readable:
        x, gamma, mean = draw.tensor(N, D), draw.tensor(D), draw.tensor(D)
    if fresh:
        mean, var = torch.zeros_like(mean), torch.ones_like(var)
    how = dict(momentum=momentum, eps=eps, compared=part, form=form)
    return Call(x, gamma, beta, mean, var, **how)


@probe
def look(batchnorm, x, gamma, beta, mean, var, momentum, eps, compared, form):
    if form == LEFT_OUT:
        found = batchnorm(x, gamma, beta, mean, var)
    elif form == PLACED:
        found = batchnorm(x, gamma, beta, mean, var, momentum, eps)
    else:
        found = batchnorm(x, gamma, beta, mean, var, momentum=momentum, eps=eps)
    out, mean, var = tuple(found)
    every = {"the output": out, "running_mean": mean, "running_var": var}
    return every if compared == "all" else {compared: every[compared]}


def written(x, gamma, beta, mean, var, momentum, eps, compared, form):
    if form == LEFT_OUT:
        return Call(x, gamma, beta, mean, var)
    if form == PLACED:
        return Call(x, gamma, beta, mean, var, momentum, eps)
    return Call(x, gamma, beta, mean, var, momentum=momentum, eps=eps)


def test(batchnorm_train):
    return check(
        batchnorm_train,
        reference.batchnorm_train,
        make,
        groups={
            "the output, of one feature": dict(N=5, D=1, part=OUT),
            "the output, of several features": [
                dict(N=6, D=4, part=OUT),
                dict(N=3, D=5, part=OUT),
                dict(N=4, D=4, part=OUT),
            ],
            "the output, with a large eps": dict(N=4, D=3, part=OUT, eps=0.5),
            "the running mean, from its start": [
                dict(N=5, D=3, part=MEAN, fresh=True),
                dict(N=4, D=4, part=MEAN, fresh=True),
            ],
            "the running mean, later and with another momentum": [
                dict(N=4, D=3, part=MEAN, momentum=0.3),
                dict(N=5, D=2, part=MEAN, momentum=1.0),
            ],
            "the running variance, from its start": [
                dict(N=5, D=3, part=VAR, fresh=True),
                dict(N=4, D=4, part=VAR, fresh=True),
            ],
            "the running variance, later and with another momentum": [
                dict(N=4, D=3, part=VAR, momentum=0.3),
                dict(N=5, D=2, part=VAR, momentum=0.0),
            ],
            "the running variance, with a large eps": dict(N=4, D=3, part=VAR, eps=0.5),
            "all arguments by their place": dict(
                N=5, D=3, part=ALL, eps=0.5, momentum=0.3, form=PLACED
            ),
            "optional arguments left out": dict(N=5, D=3, part=ALL, form=LEFT_OUT),
        },
        shrink=dict(N=(2, 6), D=(1, 5)),
        extras=dict(N=5, D=3, part=ALL),
        forbid="convolution",
        use=look,
        snippet=written,
    )
