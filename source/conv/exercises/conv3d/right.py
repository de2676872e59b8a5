# Right answers to conv3d, written in other ways: each earns everything.

# %% unfold three times
def conv3d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, [padding] * 6)
    for d in range(3):
        x = x.unfold(2 + d, weight.shape[2 + d], stride)
    y = torch.einsum("ncdhwijk,ocijk->nodhw", x, weight)
    return y if bias is None else y + bias[None, :, None, None, None]


# %% a sum over the taps
def conv3d(x, weight, bias=None, stride=1, padding=0):
    S = stride
    x = torch.nn.functional.pad(x, [padding] * 6)
    sizes = [(n - k) // S + 1 for n, k in zip(x.shape[2:], weight.shape[2:])]
    D, H, W = ((n - 1) * S + 1 for n in sizes)
    out = x.new_zeros(len(x), len(weight), *sizes)
    for d in range(weight.shape[2]):
        for i in range(weight.shape[3]):
            for j in range(weight.shape[4]):
                part = x[:, :, d : d + D : S, i : i + H : S, j : j + W : S]
                out += torch.einsum("ncdhw,oc->nodhw", part, weight[:, :, d, i, j])
    return out if bias is None else out + bias.reshape(-1, 1, 1, 1)


# %% columns and one matrix product
def conv3d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (padding,) * 6)
    O, C, *kernel = weight.shape
    windows = x
    for axis, k in enumerate(kernel, 2):
        windows = windows.unfold(axis, k, stride)
    places = windows.shape[2:5]
    rows = windows.permute(0, 2, 3, 4, 1, 5, 6, 7).flatten(4).flatten(0, 3)
    out = rows @ weight.flatten(1).t()
    if bias is not None:
        out += bias
    return out.reshape(len(x), *places, O).movedim(-1, 1)
