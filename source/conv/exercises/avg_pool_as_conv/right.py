# Right answers to avg_pool_as_conv, written in other ways: each earns everything.

# %% a dense weight with zeros, and a bias of zeros
def avg_pool_as_conv(channels, kernel_size):
    layer = nn.Conv2d(channels, channels, kernel_size, stride=kernel_size)
    nn.init.zeros_(layer.bias)
    nn.init.zeros_(layer.weight)
    for c in range(channels):
        layer.weight.data[c, c] = 1.0 / (kernel_size * kernel_size)
    return layer


# %% a subclass with frozen weights
class _Mean(nn.Conv2d):
    def __init__(self, channels, k):
        super().__init__(channels, channels, k, stride=(k, k), groups=channels, bias=False)
        self.weight = nn.Parameter(torch.ones_like(self.weight) / k**2, requires_grad=False)


def avg_pool_as_conv(channels, kernel_size):
    return _Mean(channels, kernel_size)
