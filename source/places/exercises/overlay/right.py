# Right answers to overlay, written in other ways: each earns everything.

# %% image by image of colours
def overlay(image, cam):
    colours = heat(cam)
    return torch.stack([(image[c] + colours[..., c]) / 2 for c in range(3)])


# %% a mean of two
def overlay(image, cam):
    colours = heat(cam).movedim(-1, 0)
    return torch.stack([image, colours]).mean(0)


# %% lerp, with a clamp
def overlay(image, cam):
    hot = heat(cam).permute(2, 0, 1)
    return torch.lerp(image, hot.to(image.dtype), 0.5).clamp(0, 1)


# %% channel by channel
def overlay(image, cam):
    result = torch.empty_like(image)
    colours = heat(cam)
    for c in range(3):
        result[c] = (image[c] + colours[:, :, c]) / 2
    return result


# %% numpy inside
def overlay(image, cam):
    picture = image.cpu().numpy().transpose(1, 2, 0)
    hot = heat(cam).cpu().numpy()
    mixed = 0.5 * picture + 0.5 * hot
    return torch.from_numpy(np.ascontiguousarray(mixed.transpose(2, 0, 1))).to(image)
