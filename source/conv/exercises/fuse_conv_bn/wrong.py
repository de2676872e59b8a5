# Wrong answers to fuse_conv_bn without a name of their own: each loses points.

# %% images are scaled in its forward pass
class _Conv(nn.Conv2d):
    def forward(self, x):
        out = super().forward(x)
        x *= 0.5
        return out


def fuse_conv_bn(conv, bn):
    fused = copy.deepcopy(conv)
    fused.__class__ = _Conv
    gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
    beta = 0.0 if bn.bias is None else bn.bias
    bias = 0.0 if conv.bias is None else conv.bias
    with torch.no_grad():
        scale = gamma / torch.sqrt(bn.running_var + bn.eps)
        fused.weight = nn.Parameter(conv.weight * scale.view(-1, 1, 1, 1))
        fused.bias = nn.Parameter(scale * (bias - bn.running_mean) + beta)
    return fused


# %% the modes are changed
def fuse_conv_bn(conv, bn):
    conv.eval()
    bn.eval()
    new = copy.deepcopy(conv)
    scale = 1 / (bn.running_var + bn.eps).sqrt()
    if bn.affine:
        scale = scale * bn.weight
    old = 0 if conv.bias is None else conv.bias
    new.weight = nn.Parameter((conv.weight * scale[:, None, None, None]).detach())
    new.bias = nn.Parameter(
        ((old - bn.running_mean) * scale + (bn.bias if bn.affine else 0)).detach()
    )
    return new


# %% dilation is lost, and eps fixed
def fuse_conv_bn(conv, bn):
    new = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        conv.padding,
        groups=conv.groups,
    )
    scale = 1 / (bn.running_var + 1e-5).sqrt()
    if bn.affine:
        scale = scale * bn.weight.detach()
    old = 0 if conv.bias is None else conv.bias.detach()
    new.weight.data = conv.weight.detach() * scale[:, None, None, None]
    new.bias.data = (old - bn.running_mean) * scale + (bn.bias.detach() if bn.affine else 0)
    return new
