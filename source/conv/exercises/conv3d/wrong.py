# Wrong answers to conv3d without a name of their own: each loses points.

# %% depth is padded on one side only
def conv3d(x, weight, bias=None, stride=1, padding=0):
    p = padding
    x = torch.nn.functional.pad(x, (p, p, p, p, 2 * p, 0))
    for d in range(3):
        x = x.unfold(2 + d, weight.shape[2 + d], stride)
    out = torch.einsum("ncdhwijk,ocijk->nodhw", x, weight)
    return out if bias is None else out + bias[:, None, None, None]


# %% the stride does not hold for the depth
def conv3d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, [padding] * 6)
    for d, step in enumerate((1, stride, stride)):
        x = x.unfold(2 + d, weight.shape[2 + d], step)
    out = torch.einsum("ncdhwijk,ocijk->nodhw", x, weight)
    return out if bias is None else out + bias[:, None, None, None]


# %% slices are averaged instead of added up
def conv3d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, [padding] * 6)
    for d in range(3):
        x = x.unfold(2 + d, weight.shape[2 + d], stride)
    out = torch.einsum("ncdhwijk,ocijk->nodhwi", x, weight).mean(-1)
    return out if bias is None else out + bias[:, None, None, None]
