# Wrong answers to augment without a name of their own: each loses points.

# %% the image has a batch axis afterwards
def augment(image, generator):
    C, H, W = image.shape
    dy = int(torch.randint(-(H // 8), H // 8 + 1, (), generator=generator))
    dx = int(torch.randint(-(W // 8), W // 8 + 1, (), generator=generator))
    flip = torch.rand((), generator=generator) < 0.5
    image.unsqueeze_(0)
    out = torch.roll(image, (dy, dx), dims=(2, 3))[0]
    return out.flip(2) if flip else out


# %% the global random numbers are seeded
def augment(image, generator):
    torch.manual_seed(int(torch.randint(0, 2**31, (), generator=generator)))
    H, W = image.shape[1:]
    if torch.rand(()) < 0.5:
        image = image.flip(2)
    shift = [int(torch.randint(0, 2 * (n // 8) + 1, ())) - n // 8 for n in (H, W)]
    return torch.roll(image, shift, dims=(1, 2))


# %% noise at the border, below 0 and above 1
def augment(image, generator):
    _, H, W = image.shape
    h, w = H // 8, W // 8
    out = torch.randn(3 if len(image) == 3 else 1, H + 2 * h, W + 2 * w, generator=generator)
    out = out.to(image.dtype)
    out[:, h : h + H, w : w + W] = (
        image.flip(2) if torch.rand((), generator=generator) < 0.5 else image
    )
    i = int(torch.randint(0, 2 * h + 1, (), generator=generator))
    j = int(torch.randint(0, 2 * w + 1, (), generator=generator))
    return out[:, i : i + H, j : j + W]


# %% rounded ends
def augment(image, generator):
    C, H, W = image.shape
    h, w = H // 8, W // 8
    if torch.rand((), generator=generator) < 0.5:
        image = image.flip(2)
    dy = int(torch.round((torch.rand((), generator=generator) * 2 - 1) * h))
    dx = int(torch.round((torch.rand((), generator=generator) * 2 - 1) * w))
    out = F.pad(image[None], (w, w, h, h), mode="replicate")[0]
    return out[:, h - dy : h - dy + H, w - dx : w - dx + W].clone()


# %% one draw for both
def augment(image, generator):
    C, H, W = image.shape
    u = float(torch.rand((), generator=generator))
    h, w = H // 8, W // 8
    if torch.rand((), generator=generator) < 0.5:
        image = image.flip(2)
    dy = int(u * (2 * h + 1)) - h
    dx = int(u * (2 * w + 1)) - w
    out = F.pad(image[None], (w, w, h, h), mode="replicate")[0]
    return out[:, h - dy : h - dy + H, w - dx : w - dx + W].clone()
