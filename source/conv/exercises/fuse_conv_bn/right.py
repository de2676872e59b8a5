# Right answers to fuse_conv_bn, written in other ways: each earns everything.

# %% a new layer with all options
def fuse_conv_bn(conv, bn):
    fused = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        groups=conv.groups,
        bias=True,
        padding_mode=conv.padding_mode,
        device=conv.weight.device,
        dtype=conv.weight.dtype,
    )
    std = (bn.running_var + bn.eps).sqrt()
    g = bn.weight.detach() if bn.affine else torch.ones_like(std)
    b = bn.bias.detach() if bn.affine else torch.zeros_like(std)
    old = conv.bias.detach() if conv.bias is not None else torch.zeros_like(std)
    fused.weight.data = torch.einsum("o,oikl->oikl", g / std, conv.weight.detach())
    fused.bias.data = b + (old - bn.running_mean) * g / std
    return fused


# %% torch's own helper
def fuse_conv_bn(conv, bn):
    from torch.nn.utils.fusion import fuse_conv_bn_weights
    import copy

    fused = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    return fused.eval()


# %% a subclass, and an orthogonal matrix product
class Fused(nn.Conv2d):
    pass


def fuse_conv_bn(conv, bn):
    C = conv.out_channels
    with torch.no_grad():
        diag = torch.diag(torch.rsqrt(bn.running_var + bn.eps))
        if bn.weight is not None:
            diag = diag @ torch.diag(bn.weight)
        w = (diag @ conv.weight.reshape(C, -1)).reshape(conv.weight.shape)
        b = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias
        b = diag @ (b - bn.running_mean)
        if bn.bias is not None:
            b = b + bn.bias
    new = Fused(
        conv.in_channels, C, conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups
    )
    new = new.to(w.dtype)
    new.load_state_dict({"weight": w, "bias": b})
    return new
