# Right answers to group_norm, written in other ways: each earns everything.

# %% chunks
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    done = []
    for part in torch.chunk(x, num_groups, dim=1):
        mean = part.mean((1, 2, 3), keepdim=True)
        var = part.var((1, 2, 3), keepdim=True, unbiased=False)
        done.append((part - mean) / torch.sqrt(var + eps))
    return torch.cat(done, 1) * gamma.view(1, -1, 1, 1) + beta.view(1, -1, 1, 1)


# %% flat groups, einsum
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    g = x.reshape(x.shape[0] * num_groups, -1).double()
    g = g - g.mean(1, keepdim=True)
    g = g / (g.square().mean(1, keepdim=True) + eps).sqrt()
    y = g.reshape(x.shape)
    return (torch.einsum("nchw,c->nchw", y, gamma.double()) + beta.double()[:, None, None]).to(
        x.dtype
    )


# %% loops and numpy
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    a = x.numpy().copy()
    size = a.shape[1] // num_groups
    for n in range(a.shape[0]):
        for g in range(num_groups):
            s = slice(g * size, (g + 1) * size)
            a[n, s] = (a[n, s] - a[n, s].mean()) / np.sqrt(a[n, s].var() + eps)
    return torch.from_numpy(a * gamma.numpy()[:, None, None] + beta.numpy()[:, None, None])


# %% one matrix
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    g = x.double().reshape(len(x), num_groups, -1)
    ones = torch.ones(g.shape[2], 1, dtype=g.dtype) / g.shape[2]
    centred = g - g @ ones
    y = (centred / (centred**2 @ ones + eps).sqrt()).reshape(x.shape).to(x.dtype)
    return y * gamma[:, None, None] + beta[:, None, None]
