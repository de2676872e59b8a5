# Wrong answers to conv_param_count without a name of their own: each loses points.

# %% the bias is an option by name only
def conv_param_count(c_in, c_out, k_h, k_w, dilation=1, bias=True):
    return c_out * (c_in * k_h * k_w + bool(bias))


# %% one bias for each channel that comes in
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    return c_in * (c_out * k_h * k_w + bool(bias))


# %% square filters are assumed
def conv_param_count(c_in, c_out, k_h, k_w, bias=True):
    return c_out * (c_in * k_h * k_h + bool(bias))


# %% no biases unless they are asked for
def conv_param_count(c_in, c_out, k_h, k_w, bias=False):
    return c_out * (c_in * k_h * k_w + bool(bias))
