# Right answers to cam_for_image, written in other ways: each earns everything.

# %% calls class_activation_map, a list holds the features
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


# %% a hook on avgpool's input, and detach instead of no_grad
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
    m = F.interpolate(
        m.view(1, 1, *m.shape),
        size=(image.shape[1], image.shape[2]),
        mode="bilinear",
        align_corners=False,
    )
    return m[0, 0], k


# %% a context manager, the features run through the end by hand
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


# %% a copy of the model is looked at, the original is not touched
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
