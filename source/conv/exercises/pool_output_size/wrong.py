# Wrong answers to pool_output_size without a name of their own: each loses points.

# %% rounds to the nearest
def pool_output_size(size, kernel, stride):
    return round((size - kernel) / stride) + 1


# %% windows side by side, whatever the stride
def pool_output_size(size, kernel, stride):
    return max(size // max(kernel, stride), 1)


# %% arguments in another order
def pool_output_size(size, stride, kernel):
    return (size - kernel) // stride + 1
