# Wrong answers to receptive_field without a name of their own: each loses points.

# %% the list is sorted on the way
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    layers.sort()
    return size


# %% stride of the layer itself counted
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size


# %% two layers at most
def receptive_field(layers):
    size = layers[0][0]
    if len(layers) > 1:
        size += (layers[1][0] - 1) * layers[0][1]
    return size


# %% 1x1 layers are skipped with their stride
def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        if kernel == 1:
            continue
        size += (kernel - 1) * jump
        jump *= stride
    return size
