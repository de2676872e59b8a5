# Wrong answers to class_activation_map without a name of their own: each loses points.

# %% a single channel loses its axis
def class_activation_map(features, fc_weight, class_idx):
    cam = (fc_weight[class_idx][:, None, None] * features).sum(0)
    features.squeeze_(0)
    low, high = cam.min(), cam.max()
    return (cam - low) / (high - low) if high > low else torch.zeros_like(cam)


# %% no case for a constant map
def class_activation_map(features, fc_weight, class_idx):
    cam = (fc_weight[class_idx][:, None, None] * features).sum(0)
    return (cam - cam.min()) / (cam.max() - cam.min())


# %% the dtype is lost
def class_activation_map(features, fc_weight, class_idx):
    cam = torch.zeros(features.shape[1:])
    for c in range(len(features)):
        cam += fc_weight[class_idx, c] * features[c]
    cam -= cam.min()
    return cam / cam.max() if cam.max() > 0 else cam


# %% the features are changed
def class_activation_map(features, fc_weight, class_idx):
    features *= 1.0
    for c in range(features.shape[0]):
        features[c] *= fc_weight[class_idx, c]
    cam = features.sum(0)
    features /= fc_weight[class_idx][:, None, None]
    low, high = cam.min(), cam.max()
    return (cam - low) / (high - low) if high > low else torch.zeros_like(cam)


# %% two channels assumed
def class_activation_map(features, fc_weight, class_idx):
    w = fc_weight[class_idx]
    cam = w[0] * features[0] + w[1] * features[1]
    low, high = cam.min(), cam.max()
    return (cam - low) / (high - low) if high > low else torch.zeros_like(cam)


# %% small maps count as constant
def class_activation_map(features, fc_weight, class_idx):
    cam = torch.einsum("c,chw->hw", fc_weight[class_idx], features)
    low, high = cam.min(), cam.max()
    if high - low < 0.5:
        return torch.zeros_like(cam)
    return (cam - low) / (high - low)


# %% squeezed
def class_activation_map(features, fc_weight, class_idx):
    cam = (fc_weight[class_idx].view(1, -1, 1, 1) * features[None]).sum(1).squeeze()
    cam = cam - cam.min()
    return cam / cam.max() if cam.max() > 0 else cam
