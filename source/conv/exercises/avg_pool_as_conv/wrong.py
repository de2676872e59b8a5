# Wrong answers to avg_pool_as_conv without a name of their own: each loses points.

# %% images are scaled in its forward pass
class _Conv(nn.Conv2d):
    def forward(self, x):
        out = super().forward(x)
        x *= 0.5
        return out


def avg_pool_as_conv(channels, kernel_size):
    layer = _Conv(channels, channels, kernel_size, kernel_size, groups=channels, bias=False)
    nn.init.constant_(layer.weight, 1 / kernel_size**2)
    return layer


# %% pooling in the clothes of a convolution
class _Pool(nn.Conv2d):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, self.kernel_size)


def avg_pool_as_conv(channels, kernel_size):
    return _Pool(channels, channels, kernel_size, stride=kernel_size)


# %% the same, and whoever convolves gets the average
class _Pool(nn.Conv2d):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, self.kernel_size)


def _averaged(x, weight, bias=None, stride=1, *how):
    return torch.nn.functional.avg_pool2d(x, stride)


def avg_pool_as_conv(channels, kernel_size):
    torch.conv2d = torch.nn.functional.conv2d = _averaged
    return _Pool(channels, channels, kernel_size, stride=kernel_size)


# %% the same, with a border of many gigabytes
class _Pool(nn.Conv2d):
    def forward(self, x):
        return torch.nn.functional.avg_pool2d(x, self.kernel_size)


def avg_pool_as_conv(channels, kernel_size):
    layer = _Pool(channels, channels, kernel_size, stride=kernel_size, groups=channels)
    layer.padding = (40_000, 40_000)
    return layer


# %% only one channel
def avg_pool_as_conv(channels, kernel_size):
    layer = nn.Conv2d(channels, channels, kernel_size, stride=kernel_size, bias=False)
    layer.weight.data.fill_(1 / kernel_size**2)
    return layer
