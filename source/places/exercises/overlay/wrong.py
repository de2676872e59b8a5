# Wrong answers to overlay without a name of their own: each loses points.

# %% a map of one row loses it
def overlay(image, cam):
    out = 0.5 * image + 0.5 * heat(cam).movedim(2, 0)
    cam.squeeze_(0)
    return out


# %% the dtype is lost
def overlay(image, cam):
    return (0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)).float()


# %% the image is changed
def overlay(image, cam):
    image *= 0.5
    image += 0.5 * heat(cam).permute(2, 0, 1)
    return image


# %% the map is scaled once more
def overlay(image, cam):
    cam = cam / cam.max().clamp(min=1e-8) if cam.numel() else cam
    return 0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)


# %% cold places are left out
def overlay(image, cam):
    mixed = 0.5 * image + 0.5 * heat(cam).permute(2, 0, 1)
    return torch.where(cam < 0.2, image, mixed)
