# Right answers to class_activation_map, written in other ways: each earns everything.

# %% tensordot and aminmax
def class_activation_map(features, fc_weight, class_idx):
    m = torch.tensordot(fc_weight[class_idx], features, dims=1)
    lo, hi = torch.aminmax(m)
    m = m - lo
    return m / (hi - lo) if hi > lo else m


# %% a loop over channels, scaled with an epsilon
def class_activation_map(features, fc_weight, class_idx):
    C, H, W = features.shape
    cam = torch.zeros(H, W, dtype=features.dtype, device=features.device)
    for c in range(C):
        cam = cam + features[c] * fc_weight[class_idx][c]
    cam -= cam.min()
    return cam / (cam.max() + 1e-8)


# %% a 1x1 convolution for all classes
def class_activation_map(features, fc_weight, class_idx):
    maps = nn.functional.conv2d(features[None], fc_weight[:, :, None, None])[0]
    cam = maps[class_idx] - maps[class_idx].min()
    top = cam.max()
    if top > 0:
        cam = cam / top
    return cam


# %% a matrix product
def class_activation_map(features, fc_weight, class_idx):
    C, H, W = features.shape
    flat = fc_weight[class_idx].unsqueeze(0) @ features.reshape(C, H * W)
    flat = flat.squeeze(0)
    span = flat.max() - flat.min()
    if span == 0:
        return torch.zeros(H, W).to(features)
    return ((flat - flat.min()) / span).view(H, W)


# %% numpy and float64 inside
def class_activation_map(features, fc_weight, class_idx):
    f = features.detach().cpu().numpy().astype(np.float64)
    w = fc_weight.detach().cpu().numpy().astype(np.float64)[class_idx]
    m = (w[:, None, None] * f).sum(axis=0)
    m = m - m.min()
    if m.max() > 0:
        m = m / m.max()
    return torch.from_numpy(m).to(features)


# %% only the large channels matter, nan_to_num at the end
def class_activation_map(features, fc_weight, class_idx):
    cam = features.permute(1, 2, 0) @ fc_weight[class_idx].contiguous()
    return torch.nan_to_num((cam - cam.min()) / (cam.max() - cam.min()), nan=0.0)
