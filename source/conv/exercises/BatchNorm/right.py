# Right answers to BatchNorm, written in other ways: each earns everything.

# %% flattened to two axes
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.weight = nn.Parameter(torch.ones(num_features))

    def forward(self, x):
        flat = x.transpose(0, 1).reshape(self.num_features, -1).t()
        if self.training:
            mean, var = flat.mean(0), flat.var(0, unbiased=False)
            self.running_mean = torch.lerp(self.running_mean, mean.detach(), self.momentum)
            self.running_var = torch.lerp(self.running_var, flat.detach().var(0), self.momentum)
            self.num_batches_tracked = self.num_batches_tracked + 1
        else:
            mean, var = self.running_mean, self.running_var
        out = (flat - mean) * torch.rsqrt(var + self.eps) * self.weight + self.bias
        moved = x.transpose(0, 1)
        return out.t().reshape(moved.shape).transpose(0, 1)


# %% data, copy_ and if on the number of axes
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super(BatchNorm, self).__init__()
        self.weight = nn.Parameter(torch.Tensor(num_features))
        self.bias = nn.Parameter(torch.Tensor(num_features))
        self.register_buffer("running_mean", torch.Tensor(num_features))
        self.register_buffer("running_var", torch.Tensor(num_features))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64))
        self.hyper = {"eps": eps, "momentum": momentum}
        self.reset()

    def reset(self):
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        self.running_mean.zero_()
        self.running_var.fill_(1)

    def forward(self, x):
        if x.ndim == 2:
            return self.norm(x[:, :, None, None])[:, :, 0, 0]
        return self.norm(x)

    def norm(self, x):
        m = self.hyper["momentum"]
        if self.training:
            var, mean = torch.var_mean(x, dim=(0, 2, 3), unbiased=False)
            n = x.shape[0] * x.shape[2] * x.shape[3]
            self.running_mean.data.copy_((1 - m) * self.running_mean + m * mean.data)
            self.running_var.data.copy_((1 - m) * self.running_var + m * var.data * (n / (n - 1)))
            self.num_batches_tracked.add_(1)
        else:
            mean, var = self.running_mean, self.running_var
        mean, var = mean[None, :, None, None], var[None, :, None, None]
        y = (x - mean) / (var + self.hyper["eps"]).sqrt()
        return y * self.weight[None, :, None, None] + self.bias[None, :, None, None]


# %% an autograd function of its own
class _Normalise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        axes = [0] + list(range(2, x.dim()))
        view = (1, -1) + (1,) * (x.dim() - 2)
        std = (x.var(axes, unbiased=False, keepdim=True) + eps).sqrt()
        xhat = (x - x.mean(axes, keepdim=True)) / std
        ctx.save_for_backward(xhat, std, weight)
        ctx.axes, ctx.view = axes, view
        return xhat * weight.view(view) + bias.view(view)

    @staticmethod
    def backward(ctx, dout):
        xhat, std, weight = ctx.saved_tensors
        dh = dout * weight.view(ctx.view)
        dx = dh - dh.mean(ctx.axes, keepdim=True) - xhat * (dh * xhat).mean(ctx.axes, keepdim=True)
        return dx / std, (dout * xhat).sum(ctx.axes), dout.sum(ctx.axes), None


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        for name, value in [("running_mean", 0.0), ("running_var", 1.0)]:
            self.register_buffer(name, torch.full((num_features,), value))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    @torch.no_grad()
    def _remember(self, x):
        rows = x.movedim(1, -1).reshape(-1, x.shape[1])
        self.running_mean += self.momentum * (rows.mean(0) - self.running_mean)
        self.running_var += self.momentum * (rows.var(0) - self.running_var)
        self.num_batches_tracked += 1

    def forward(self, x):
        if self.training:
            self._remember(x)
            return _Normalise.apply(x, self.weight, self.bias, self.eps)
        view = (1, -1) + (1,) * (x.dim() - 2)
        scale = self.weight / (self.running_var + self.eps).sqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale.view(view) + shift.view(view)
