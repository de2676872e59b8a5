"""Answers to 03_cam as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "class_activation_map": {
        "tensordot and aminmax": """
def class_activation_map(features, fc_weight, class_idx):
    m = torch.tensordot(fc_weight[class_idx], features, dims=1)
    lo, hi = torch.aminmax(m)
    m = m - lo
    return m / (hi - lo) if hi > lo else m
""",
        "a loop over channels, scaled with an epsilon": """
def class_activation_map(features, fc_weight, class_idx):
    C, H, W = features.shape
    cam = torch.zeros(H, W, dtype=features.dtype, device=features.device)
    for c in range(C):
        cam = cam + features[c] * fc_weight[class_idx][c]
    cam -= cam.min()
    return cam / (cam.max() + 1e-8)
""",
        "a 1x1 convolution for all classes": """
def class_activation_map(features, fc_weight, class_idx):
    maps = nn.functional.conv2d(features[None], fc_weight[:, :, None, None])[0]
    cam = maps[class_idx] - maps[class_idx].min()
    top = cam.max()
    if top > 0:
        cam = cam / top
    return cam
""",
        "a matrix product": """
def class_activation_map(features, fc_weight, class_idx):
    C, H, W = features.shape
    flat = fc_weight[class_idx].unsqueeze(0) @ features.reshape(C, H * W)
    flat = flat.squeeze(0)
    span = flat.max() - flat.min()
    if span == 0:
        return torch.zeros(H, W).to(features)
    return ((flat - flat.min()) / span).view(H, W)
""",
        "numpy and float64 inside": """
def class_activation_map(features, fc_weight, class_idx):
    f = features.detach().cpu().numpy().astype(np.float64)
    w = fc_weight.detach().cpu().numpy().astype(np.float64)[class_idx]
    m = (w[:, None, None] * f).sum(axis=0)
    m = m - m.min()
    if m.max() > 0:
        m = m / m.max()
    return torch.from_numpy(m).to(features)
""",
        "only the large channels matter, nan_to_num at the end": """
def class_activation_map(features, fc_weight, class_idx):
    cam = (features.permute(1, 2, 0) @ fc_weight[class_idx].contiguous())
    return torch.nan_to_num((cam - cam.min()) / (cam.max() - cam.min()), nan=0.0)
""",
    },
    "cam_for_image": {
        "calls class_activation_map, a list holds the features": """
def cam_for_image(model, image):
    mode = model.training
    store = {}

    def remember(module, args, out):
        store["f"] = out.detach()

    handle = model.layer4.register_forward_hook(remember)
    model.eval()
    with torch.inference_mode():
        logits = model(image.unsqueeze(0))
    handle.remove()
    model.train(mode)
    idx = logits.argmax(dim=1).item()
    with torch.no_grad():
        cam = class_activation_map(store["f"].squeeze(0).clone(), model.fc.weight, idx)
    cam = nn.functional.interpolate(cam[None, None], image.shape[-2:], mode="bilinear")
    return cam.squeeze(0).squeeze(0).clone(), idx
""",
        "a hook on avgpool's input, and detach instead of no_grad": """
import torch.nn.functional as F


def cam_for_image(model, image):
    was = model.training
    got = []
    h = model.avgpool.register_forward_pre_hook(lambda m, args: got.append(args[0].detach()))
    model.eval()
    out = model(image[None]).detach()
    model.train() if was else model.eval()
    h.remove()
    k = out[0].topk(1).indices[0]
    w = model.fc.weight.detach().clone()
    m = (w[k][:, None, None] * got[0][0]).sum(0)
    m = m - m.min()
    if m.max() > 0:
        m = m / m.max()
    m = F.interpolate(m.view(1, 1, *m.shape), size=(image.shape[1], image.shape[2]),
                      mode="bilinear", align_corners=False)
    return m[0, 0], k
""",
        "a context manager, the features run through the end by hand": """
from contextlib import contextmanager


@contextmanager
def looking_at(model):
    before = model.training
    model.eval()
    kept = []
    handle = model.layer4.register_forward_hook(lambda *a: kept.append(a[2]))
    try:
        with torch.no_grad():
            yield kept
    finally:
        handle.remove()
        model.train(before)


@torch.no_grad()
def cam_for_image(model, image):
    with looking_at(model) as kept:
        model(image[None])
        feats = kept[-1]
        logits = model.fc(model.avgpool(feats).flatten(1))
    c = int(torch.argmax(logits))
    maps = torch.einsum("oc,nchw->nohw", model.fc.weight, feats)[:, c : c + 1]
    low = maps.amin(dim=(2, 3), keepdim=True)
    span = maps.amax(dim=(2, 3), keepdim=True) - low
    maps = torch.where(span > 0, (maps - low) / span.clamp(min=1e-12), torch.zeros_like(maps))
    big = nn.Upsample(size=tuple(image.shape[1:]), mode="bilinear", align_corners=False)(maps)
    return big[0, 0], c
""",
        "a copy of the model is looked at, the original is not touched": """
import copy


def cam_for_image(model, image):
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    box = []
    twin.layer4.register_forward_hook(lambda m, i, o: box.append(o))
    scores = twin(image.unsqueeze(0))[0]
    class_idx = scores.argmax().item()
    f, w = box[0][0], twin.fc.weight[class_idx]
    cam = sum(w[c] * f[c] for c in range(len(w)))
    lo, hi = float(cam.min()), float(cam.max())
    cam = (cam - lo) / (hi - lo) if hi != lo else cam * 0
    cam = nn.functional.interpolate(cam[None, None], size=image.shape[1:], mode="bilinear")
    return cam[0][0], class_idx
""",
    },
    "overlay": {
        "image by image of colours": """
def overlay(image, cam):
    colours = heat(cam)
    return torch.stack([(image[c] + colours[..., c]) / 2 for c in range(3)])
""",
        "a mean of two": """
def overlay(image, cam):
    colours = heat(cam).movedim(-1, 0)
    return torch.stack([image, colours]).mean(0)
""",
        "lerp, with a clamp": """
def overlay(image, cam):
    hot = heat(cam).permute(2, 0, 1)
    return torch.lerp(image, hot.to(image.dtype), 0.5).clamp(0, 1)
""",
        "channel by channel": """
def overlay(image, cam):
    result = torch.empty_like(image)
    colours = heat(cam)
    for c in range(3):
        result[c] = (image[c] + colours[:, :, c]) / 2
    return result
""",
        "numpy inside": """
def overlay(image, cam):
    picture = image.cpu().numpy().transpose(1, 2, 0)
    hot = heat(cam).cpu().numpy()
    mixed = 0.5 * picture + 0.5 * hot
    return torch.from_numpy(np.ascontiguousarray(mixed.transpose(2, 0, 1))).to(image)
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "class_activation_map": {
        "a single channel loses its axis": """
def class_activation_map(features, fc_weight, class_idx):
    cam = (fc_weight[class_idx][:, None, None] * features).sum(0)
    features.squeeze_(0)
    low, high = cam.min(), cam.max()
    return (cam - low) / (high - low) if high > low else torch.zeros_like(cam)
""",
        "no case for a constant map": """
def class_activation_map(features, fc_weight, class_idx):
    cam = (fc_weight[class_idx][:, None, None] * features).sum(0)
    return (cam - cam.min()) / (cam.max() - cam.min())
""",
        "the dtype is lost": """
def class_activation_map(features, fc_weight, class_idx):
    cam = torch.zeros(features.shape[1:])
    for c in range(len(features)):
        cam += fc_weight[class_idx, c] * features[c]
    cam -= cam.min()
    return cam / cam.max() if cam.max() > 0 else cam
""",
        "the features are changed": """
def class_activation_map(features, fc_weight, class_idx):
    features *= 1.0
    for c in range(features.shape[0]):
        features[c] *= fc_weight[class_idx, c]
    cam = features.sum(0)
    features /= fc_weight[class_idx][:, None, None]
    low, high = cam.min(), cam.max()
    return (cam - low) / (high - low) if high > low else torch.zeros_like(cam)
""",
        "two channels assumed": """
def class_activation_map(features, fc_weight, class_idx):
    w = fc_weight[class_idx]
    cam = w[0] * features[0] + w[1] * features[1]
    low, high = cam.min(), cam.max()
    return (cam - low) / (high - low) if high > low else torch.zeros_like(cam)
""",
        "small maps count as constant": """
def class_activation_map(features, fc_weight, class_idx):
    cam = torch.einsum("c,chw->hw", fc_weight[class_idx], features)
    low, high = cam.min(), cam.max()
    if high - low < 0.5:
        return torch.zeros_like(cam)
    return (cam - low) / (high - low)
""",
        "squeezed": """
def class_activation_map(features, fc_weight, class_idx):
    cam = (fc_weight[class_idx].view(1, -1, 1, 1) * features[None]).sum(1).squeeze()
    cam = cam - cam.min()
    return cam / cam.max() if cam.max() > 0 else cam
""",
    },
    "cam_for_image": {
        "the image gets a batch axis, in place": """
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
""",
        "flag always switched back on": """
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
""",
        "no eval mode at all": """
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
""",
        "the map requires a gradient": """
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
""",
        "nothing comes before layer4": """
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
""",
        "gradients of the model are cleared": """
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
""",
    },
    "overlay": {
        "a map of one row loses it": """
def overlay(image, cam):
    out = 0.5 * image + 0.5 * heat(cam).movedim(2, 0)
    cam.squeeze_(0)
    return out
""",
        "the dtype is lost": """
def overlay(image, cam):
    return (0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)).float()
""",
        "the image is changed": """
def overlay(image, cam):
    image *= 0.5
    image += 0.5 * heat(cam).permute(2, 0, 1)
    return image
""",
        "the map is scaled once more": """
def overlay(image, cam):
    cam = cam / cam.max().clamp(min=1e-8) if cam.numel() else cam
    return 0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)
""",
        "cold places are left out": """
def overlay(image, cam):
    mixed = 0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)
    return torch.where(cam < 0.2, image, mixed)
""",
    },
}
