# Wrong answers to instance_norm without a name of their own: each loses points.

# %% gamma is left out
def instance_norm(x, gamma, beta, eps=1e-5):
    m = x.mean((2, 3), keepdim=True)
    return (x - m) / (x.var((2, 3), keepdim=True, unbiased=False) + eps).sqrt()


# %% torch does it, as batch norm
def instance_norm(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    y = torch.nn.functional.instance_norm(x, weight=gamma, bias=beta, eps=eps)
    return y


# %% rows are normalised one by one
def instance_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(3, keepdim=True)
    var = x.var(3, correction=0, keepdim=True)
    return gamma.view(-1, 1, 1) * (x - mean) / torch.sqrt(var + eps) + beta.view(-1, 1, 1)
