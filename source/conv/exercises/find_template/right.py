# Right answers to find_template, written in other ways: each earns everything.

# %% all windows at once
def find_template(image, template):
    h, w = template.shape
    win = image.unfold(0, h, 1).unfold(1, w, 1).double()
    win = win - win.mean((-1, -2), keepdim=True)
    t = (template - template.mean()).double()
    norms = win.flatten(2).norm(dim=2)
    score = (win * t).sum((-1, -2)) / norms.clamp_min(1e-9)
    i = score.flatten().argmax()
    return divmod(i.item(), score.shape[1])


# %% numpy integers come back
def find_template(image, template):
    im, t = image.numpy(), template.numpy()
    t = (t - t.mean()) / np.linalg.norm(t - t.mean())
    best = None
    for r in range(im.shape[0] - t.shape[0] + 1):
        for c in range(im.shape[1] - t.shape[1] + 1):
            p = im[r : r + t.shape[0], c : c + t.shape[1]]
            p = p - p.mean()
            s = (p * t).sum() / (np.linalg.norm(p) + 1e-8)
            if best is None or s > best[0]:
                best = (s, np.int64(r), np.int64(c))
    return best[1], best[2]
