# Wrong answers to cam_for_image without a name of their own: each loses points.

# %% the image gets a batch axis, in place
def cam_for_image(model, image):
    was = model.training
    model.eval()
    H, W = image.shape[1:]
    kept = {}
    handle = model.layer4.register_forward_hook(lambda m, i, o: kept.update(maps=o.detach()))
    with torch.no_grad():
        class_idx = model(image.unsqueeze_(0)).argmax(1).item()
    handle.remove()
    model.train(was)
    cam = class_activation_map(kept["maps"][0], model.fc.weight.detach(), class_idx)
    cam = nn.functional.interpolate(cam[None, None], (H, W), mode="bilinear", align_corners=False)
    return cam[0, 0], class_idx


# %% flag always switched back on
def cam_for_image(model, image):
    kept = []
    hook = model.layer4.register_forward_hook(lambda m, i, o: kept.append(o))
    model.eval()
    with torch.no_grad():
        k = int(model(image[None]).argmax())
    hook.remove()
    model.train()
    m = torch.einsum("c,chw->hw", model.fc.weight.detach()[k], kept[0][0])
    m = (m - m.min()) / (m.max() - m.min()).clamp(min=1e-12)
    m = nn.functional.interpolate(m[None, None], image.shape[1:], mode="bilinear")
    return m[0, 0], k


# %% no eval mode at all
def cam_for_image(model, image):
    kept = []
    hook = model.layer4.register_forward_hook(lambda m, i, o: kept.append(o))
    model.dropout.eval() if hasattr(model, "dropout") else None
    with torch.no_grad():
        k = int(model(image[None]).argmax())
    hook.remove()
    model.train(model.training)
    m = torch.einsum("c,chw->hw", model.fc.weight.detach()[k], kept[0][0])
    m = (m - m.min()) / (m.max() - m.min()).clamp(min=1e-12)
    m = nn.functional.interpolate(m[None, None], image.shape[1:], mode="bilinear")
    return m[0, 0], k


# %% the map requires a gradient
def cam_for_image(model, image):
    mode = model.training
    kept = []
    hook = model.layer4.register_forward_hook(lambda m, i, o: kept.append(o))
    model.eval()
    k = int(model(image[None]).argmax())
    hook.remove()
    model.train(mode)
    m = torch.einsum("c,chw->hw", model.fc.weight[k], kept[0][0])
    m = (m - m.min()) / (m.max() - m.min()).clamp(min=1e-12)
    m = nn.functional.interpolate(m[None, None], image.shape[1:], mode="bilinear")
    return m[0, 0], k


# %% nothing comes before layer4
def cam_for_image(model, image):
    mode = model.training
    model.eval()
    with torch.no_grad():
        features = model.layer4(image[None])
        scores = model.fc(model.avgpool(features).flatten(1))
    model.train(mode)
    k = int(scores.argmax())
    m = torch.einsum("c,chw->hw", model.fc.weight.detach()[k], features[0])
    m = (m - m.min()) / (m.max() - m.min()).clamp(min=1e-12)
    m = nn.functional.interpolate(m[None, None], image.shape[1:], mode="bilinear")
    return m[0, 0], k


# %% gradients of the model are cleared
def cam_for_image(model, image):
    mode = model.training
    kept = []
    hook = model.layer4.register_forward_hook(lambda m, i, o: kept.append(o))
    model.eval()
    model.zero_grad()
    with torch.no_grad():
        k = int(model(image[None]).argmax())
    hook.remove()
    model.train(mode)
    m = torch.einsum("c,chw->hw", model.fc.weight.detach()[k], kept[0][0])
    m = (m - m.min()) / (m.max() - m.min()).clamp(min=1e-12)
    m = nn.functional.interpolate(m[None, None], image.shape[1:], mode="bilinear")
    return m[0, 0], k
