# Wrong answers to same_conv without a name of their own: each loses points.

# %% groups where both numbers of channels are even
def same_conv(c_in, c_out, kernel_size):
    groups = 2 if c_in % 2 == 0 and c_out % 2 == 0 else 1
    return nn.Conv2d(c_in, c_out, kernel_size, padding=kernel_size // 2, groups=groups)


# %% images are scaled in its forward pass
class _Conv(nn.Conv2d):
    def forward(self, x):
        out = super().forward(x)
        x *= 0.5
        return out


def same_conv(c_in, c_out, kernel_size):
    return _Conv(c_in, c_out, kernel_size, padding=kernel_size // 2)


# %% padding for the batch of images, by a function
def same_conv(c_in, c_out, kernel_size):
    layer = nn.Conv2d(c_in, c_out, kernel_size)
    return lambda x: layer(torch.nn.functional.pad(x, [kernel_size // 2] * 4))
