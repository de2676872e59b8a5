# Right answers to conv1x1, written in other ways: each earns everything.

# %% einsum
def conv1x1(x, weight, bias=None):
    y = torch.einsum("nchw,oc->nohw", x, weight)
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)


# %% a linear layer
def conv1x1(x, weight, bias=None):
    return torch.nn.functional.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)
