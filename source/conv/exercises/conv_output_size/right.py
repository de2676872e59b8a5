# Right answers to conv_output_size, written in other ways: each earns everything.

# %% math.floor
import math


def conv_output_size(size, kernel, padding=0, stride=1):
    return math.floor((size - kernel + 2 * padding) / stride) + 1


# %% by counting
def conv_output_size(size, kernel, padding=0, stride=1):
    return len(range(0, size + 2 * padding - kernel + 1, stride))
