# Right answers to receptive_field, written in other ways: each earns everything.

# %% backwards
def receptive_field(layers):
    r = 1
    for k, s in reversed(layers):
        r = (r - 1) * s + k
    return r


# %% from the output back, pixel by pixel
def receptive_field(layers):
    first = last = 0
    for kernel, stride in layers[::-1]:
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1


# %% a sum over products of strides
import math


def receptive_field(layers):
    kernels, strides = zip(*layers)
    return 1 + sum((k - 1) * math.prod(strides[:n]) for n, k in enumerate(kernels))
