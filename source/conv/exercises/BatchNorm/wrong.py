# Wrong answers to BatchNorm without a name of their own: each loses points.

# %% eps and momentum are written into it
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = (0,) if x.dim() == 2 else (0, 2, 3)
        view = (1, -1) if x.dim() == 2 else (1, -1, 1, 1)
        if self.training:
            mean, var = x.mean(axes), x.var(axes, unbiased=False)
            self.running_mean = 0.9 * self.running_mean + 0.1 * mean.detach()
            self.running_var = 0.9 * self.running_var + 0.1 * x.detach().var(axes)
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        h = (x - mean.view(view)) / (var.view(view) + 1e-5).sqrt()
        return h * self.weight.view(view) + self.bias.view(view)


# %% eval updates the statistics
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = (0,) if x.dim() == 2 else (0, 2, 3)
        view = (1, -1) if x.dim() == 2 else (1, -1, 1, 1)
        mean, var = x.mean(axes), x.var(axes, unbiased=False)
        if not self.training:
            mean, var = self.running_mean.clone(), self.running_var.clone()
        if x.shape[0] > 1:
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.detach().mean(axes)
            self.running_var = (1 - m) * self.running_var + m * x.detach().var(axes)
            self.num_batches_tracked += 1
        h = (x - mean.view(view)) / (var.view(view) + self.eps).sqrt()
        return h * self.weight.view(view) + self.bias.view(view)


# %% torch's layer inside
class BatchNorm(nn.BatchNorm2d):
    def forward(self, x):
        return (
            super().forward(x[:, :, None, None])[:, :, 0, 0] if x.dim() == 2 else super().forward(x)
        )


# %% another momentum by default
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.01):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(axes), x.var(axes, correction=0)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(axes), self.momentum)
                self.num_batches_tracked += 1
        x_hat = (x - mean.view(shape)) / torch.sqrt(var.view(shape) + self.eps)
        return self.weight.view(shape) * x_hat + self.bias.view(shape)
