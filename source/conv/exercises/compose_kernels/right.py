# Right answers to compose_kernels, written in other ways: each earns everything.

# %% full convolution by padding
def compose_kernels(k1, k2):
    a, b = k2.shape
    big = torch.nn.functional.pad(k1, (b - 1, b - 1, a - 1, a - 1))
    flipped = torch.flip(k2, (0, 1))
    win = big.unfold(0, a, 1).unfold(1, b, 1)
    return (win * flipped).sum((-1, -2))


# %% four loops
def compose_kernels(k1, k2):
    out = torch.zeros(k1.shape[0] + k2.shape[0] - 1, k1.shape[1] + k2.shape[1] - 1, dtype=k1.dtype)
    for i in range(k1.shape[0]):
        for j in range(k1.shape[1]):
            for a in range(k2.shape[0]):
                for b in range(k2.shape[1]):
                    out[i + a, j + b] += k1[i, j] * k2[a, b]
    return out
