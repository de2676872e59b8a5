# Right answers to instance_norm, written in other ways: each earns everything.

# %% flattened maps
def instance_norm(x, gamma, beta, eps=1e-5):
    flat = x.flatten(2)
    var, mean = torch.var_mean(flat, dim=2, keepdim=True, correction=0)
    out = (flat - mean) * (var + eps).rsqrt() * gamma[:, None] + beta[:, None]
    return out.view(x.shape)


# %% loops
def instance_norm(x, gamma, beta, eps=1e-5):
    out = torch.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            m = x[n, c]
            v = ((m - m.mean()) ** 2).mean()
            out[n, c] = gamma[c] * (m - m.mean()) / torch.sqrt(v + eps) + beta[c]
    return out
