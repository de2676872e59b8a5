# Wrong answers to find_template without a name of their own: each loses points.

# %% the column comes first for wide images
def find_template(image, template):
    h, w = template.shape
    t = template - template.mean()
    win = image.unfold(0, h, 1).unfold(1, w, 1)
    win = win - win.mean((-1, -2), keepdim=True)
    score = (win * t).sum((-1, -2)) / win.flatten(2).norm(dim=2).clamp_min(1e-9)
    best = int(score.argmax())
    return best // image.shape[1], best % image.shape[1]


# %% windows of the last row and column are never looked at
def find_template(image, template):
    K_H, K_W = template.shape
    t = template - template.mean()
    scores = {}
    for row in range(image.shape[0] - K_H):
        for col in range(image.shape[1] - K_W):
            w = image[row : row + K_H, col : col + K_W]
            w = w - w.mean()
            scores[float((w * t).sum() / (w.norm() * t.norm() + 1e-8))] = (row, col)
    return scores[max(scores)]


# %% the window with the smallest difference
def find_template(image, template):
    windows = image.unfold(0, template.shape[0], 1).unfold(1, template.shape[1], 1)
    place = int(((windows - template) ** 2).sum((2, 3)).argmin())
    return divmod(place, windows.shape[1])


# %% the image is centred as a whole
def find_template(image, template):
    x, t = image - image.mean(), template - template.mean()
    windows = x.unfold(0, t.shape[0], 1).unfold(1, t.shape[1], 1)
    score = (windows * t).sum((2, 3)) / windows.flatten(2).norm(dim=2).clamp_min(1e-8)
    return divmod(int(score.argmax()), score.shape[1])


# %% templates of one row lose an axis
def find_template(image, template):
    windows = image.unfold(0, template.shape[0], 1).unfold(1, template.shape[1], 1)
    template = template.squeeze()
    windows = windows - windows.mean((2, 3), keepdim=True)
    t = template - template.mean()
    norms = windows.flatten(2).norm(dim=2)
    if t.dim() < 2:
        return 0, 0
    score = (windows * t).sum((2, 3)) / norms.clamp_min(1e-8)
    return divmod(int(score.argmax()), score.shape[1])
