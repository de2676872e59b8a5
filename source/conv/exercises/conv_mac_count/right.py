# Right answers to conv_mac_count, written in other ways: each earns everything.

# %% outputs times the length of a window
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    outputs = c_out * h_out * w_out
    window = c_in * k_h * k_w
    return outputs * window


# %% math.prod
import math


def conv_mac_count(*sizes, **named):
    return math.prod((*sizes, *named.values()))


# %% numpy, as an integer
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    return int(np.prod([c_in, c_out, k_h, k_w, h_out, w_out], dtype=np.int64))
