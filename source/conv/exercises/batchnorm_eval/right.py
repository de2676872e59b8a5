# Right answers to batchnorm_eval, written in other ways: each earns everything.

# %% scale and shift
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / (running_var + eps) ** 0.5
    return x * scale + (beta - running_mean * scale)


# %% numpy inside
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    x, gamma, beta, m, v = [t.numpy() for t in (x, gamma, beta, running_mean, running_var)]
    return torch.as_tensor(gamma * (x - m) / np.sqrt(v + eps) + beta)
