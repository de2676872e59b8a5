# Wrong answers to conv_output_size without a name of their own: each loses points.

# %% rounds up
def conv_output_size(size, kernel, padding=0, stride=1):
    return -(-(size + 2 * padding - kernel) // stride) + 1


# %% the padding is divided by the stride on its own
def conv_output_size(size, kernel, padding=0, stride=1):
    return (size - kernel) // stride + 2 * padding // stride + 1


# %% PyTorch's order of the arguments
def conv_output_size(size, kernel, stride=1, padding=0):
    return (size + 2 * padding - kernel) // stride + 1


# %% rounded to the nearest
def conv_output_size(size, kernel, padding=0, stride=1):
    return round((size + 2 * padding - kernel) / stride) + 1


# %% the padding keeps the size unless another one is given
def conv_output_size(size, kernel, padding=None, stride=1):
    padding = (kernel - 1) // 2 if padding is None else padding
    return (size + 2 * padding - kernel) // stride + 1
