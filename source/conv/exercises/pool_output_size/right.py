# Right answers to pool_output_size, written in other ways: each earns everything.

# %% by counting
def pool_output_size(size, kernel, stride):
    return len(range(0, size - kernel + 1, stride))


# %% math.floor
import math


def pool_output_size(size: int, kernel: int, stride: int) -> int:
    return math.floor((size - kernel) / stride + 1)
