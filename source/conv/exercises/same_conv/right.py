# Right answers to same_conv, written in other ways: each earns everything.

# %% padding='same'
def same_conv(c_in, c_out, kernel_size):
    return nn.Conv2d(c_in, c_out, kernel_size=kernel_size, padding="same")


# %% a subclass
class SameConv(nn.Conv2d):
    def __init__(self, c_in, c_out, k):
        super().__init__(c_in, c_out, (k, k), stride=(1, 1), padding=(k // 2, k // 2))


def same_conv(c_in, c_out, kernel_size):
    return SameConv(c_in, c_out, kernel_size)
