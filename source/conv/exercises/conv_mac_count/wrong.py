# Wrong answers to conv_mac_count without a name of their own: each loses points.

# %% the biases are counted
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    return c_out * h_out * w_out * (c_in * k_h * k_w + 1)


# %% a float comes back
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    return float(c_out * c_in * k_h * k_w) * h_out * w_out


# %% additions and multiplications are counted apart
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    n = c_in * k_h * k_w
    return c_out * h_out * w_out * (n + n - 1)


# %% square filters and outputs are assumed
def conv_mac_count(c_in, c_out, k_h, k_w, h_out, w_out):
    return c_in * c_out * k_h**2 * h_out**2
