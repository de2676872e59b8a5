# Right answers to conv_param_count, written in other ways: each earns everything.

# %% from torch's own layer
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    n = k_h * k_w * c_in
    if bias:
        n += 1
    return n * c_out


# %% counted on the layer itself
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    layer = torch.nn.Conv2d(c_in, c_out, (k_h, k_w), bias=bias, device="meta")
    return sum(p.numel() for p in layer.parameters())


# %% weights and biases apart
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    weights = c_in * k_h * k_w * c_out
    biases = c_out if bias else 0
    return weights + biases
