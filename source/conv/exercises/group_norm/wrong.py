# Wrong answers to group_norm without a name of their own: each loses points.

# %% gamma per group
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    g = x.reshape(N, num_groups, -1)
    g = (g - g.mean(2, keepdim=True)) / (g.var(2, keepdim=True, unbiased=False) + eps).sqrt()
    g = gamma[:num_groups, None] * g + beta[:num_groups, None]
    return g.reshape(N, C, H, W)


# %% torch does it
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    return torch.nn.functional.group_norm(x, num_groups, gamma, beta, eps)


# %% groups of every second channel
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    groups = x.reshape(N, C // num_groups, num_groups, H, W)
    mean = groups.mean((1, 3, 4), keepdim=True)
    var = groups.var((1, 3, 4), correction=0, keepdim=True)
    x_hat = ((groups - mean) / torch.sqrt(var + eps)).reshape(N, C, H, W)
    return gamma.view(-1, 1, 1) * x_hat + beta.view(-1, 1, 1)
