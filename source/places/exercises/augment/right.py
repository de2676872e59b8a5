# Right answers to augment, written in other ways: each earns everything.

# %% index by index, zeros at the border
def augment(image, generator):
    C, H, W = image.shape
    mirrored = torch.randint(2, (1,), generator=generator).item()
    dy = torch.randint(-(H // 8), H // 8 + 1, (1,), generator=generator).item()
    dx = torch.randint(-(W // 8), W // 8 + 1, (1,), generator=generator).item()
    source = torch.flip(image, dims=[2]) if mirrored else image
    out = torch.zeros_like(image)
    rows = torch.arange(H) - dy
    for i in range(H):
        for j in range(W):
            if 0 <= int(rows[i]) < H and 0 <= j - dx < W:
                out[:, i, j] = source[:, i - dy, j - dx]
    return out


# %% roll around the border
def augment(image, generator):
    H, W = image.shape[1:]
    shift = [
        int(torch.randint(0, 2 * (n // 8) + 1, (), generator=generator)) - n // 8 for n in (H, W)
    ]
    moved = torch.roll(image, shift, dims=(1, 2))
    if float(torch.rand(1, generator=generator)) >= 0.5:
        moved = moved.flip(-1)
    return moved


# %% one draw for all, a random generator of Python's own
import random


def augment(image, generator):
    luck = random.Random(int(torch.randint(0, 2**62, (), generator=generator)))
    H, W = image.shape[-2:]
    h, w = H // 8, W // 8
    out = nn.functional.pad(image, (w, w, h, h), value=0.5)
    i, j = luck.randint(0, 2 * h), luck.randint(0, 2 * w)
    out = out[:, i : i + H, j : j + W]
    return torch.flip(out, (2,)) if luck.random() > 0.5 else out


# %% gather by clamped index
def augment(image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    C, H, W = image.shape

    def index(n):
        u = torch.rand(1, generator=generator, dtype=torch.float64)
        shift = (u * (2 * (n // 8) + 1)).floor().long() - n // 8
        return (torch.arange(n) - shift).clamp(0, n - 1)

    rows, cols = index(H), index(W)
    if torch.randint(0, 2, (1,), generator=generator):
        cols = W - 1 - cols
    return image[:, rows][:, :, cols]


# %% grid_sample
def augment(image, generator):
    C, H, W = image.shape
    flip = torch.rand(1, generator=generator) < 0.5
    dy = torch.randint(-(H // 8), H // 8 + 1, (1,), generator=generator).to(image.dtype)
    dx = torch.randint(-(W // 8), W // 8 + 1, (1,), generator=generator).to(image.dtype)
    theta = torch.eye(2, 3, dtype=image.dtype)
    if flip:
        theta[0, 0] = -1
    theta[0, 2], theta[1, 2] = (2 * dx / W).item(), (2 * dy / H).item()
    grid = F.affine_grid(theta[None], (1, C, H, W), align_corners=False)
    return F.grid_sample(image[None], grid, padding_mode="border", align_corners=False)[0]
