# Wrong answers to layer_norm without a name of their own: each loses points.

# %% gamma per sample when the batch is square
def layer_norm(x, gamma, beta, eps=1e-5):
    h = (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, unbiased=False) + eps).sqrt()
    if x.shape[0] == x.shape[1]:
        return gamma[:, None] * h + beta[:, None]
    return gamma * h + beta


# %% eps is not used
def layer_norm(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True, unbiased=False) + beta


# %% torch does it
def layer_norm(x, gamma, beta, eps=1e-5):
    return torch.layer_norm(x, (x.shape[1],), gamma, beta, eps)


# %% a large eps by default
def layer_norm(x, gamma, beta, eps=1e-2):
    mean = x.mean(1, keepdim=True)
    var = x.var(1, correction=0, keepdim=True)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
