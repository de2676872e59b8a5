# Wrong answers to compose_kernels without a name of their own: each loses points.

# %% the outer product of flattened kernels
def compose_kernels(k1, k2):
    size = k1.shape[0] + k2.shape[0] - 1, k1.shape[1] + k2.shape[1] - 1
    product = torch.outer(k1.flatten(), k2.flatten()).flatten()
    out = k1.new_zeros(size[0] * size[1])
    n = min(len(out), len(product))
    out[:n] = product[:n]
    return out.reshape(size)


# %% square kernels only
def compose_kernels(k1, k2):
    A, B = k1.shape[0], k2.shape[0]
    K = k1.new_zeros(A + B - 1, A + B - 1)
    for i in range(B):
        for j in range(B):
            K[i : i + A, j : j + A] += k2[i, j] * k1
    return K


# %% k2 is centred on each number of k1 and cut
def compose_kernels(k1, k2):
    A_H, A_W = k1.shape
    B_H, B_W = k2.shape
    K = k1.new_zeros(A_H + B_H - 1, A_W + B_W - 1)
    for i in range(A_H):
        for j in range(A_W):
            K[i : i + B_H, j : j + B_W] = K[i : i + B_H, j : j + B_W].maximum(k1[i, j] * k2)
    return K


# %% the sum is built in k1's own memory
def compose_kernels(k1, k2):
    big = torch.nn.functional.pad(k1, [k2.shape[1] - 1] * 2 + [k2.shape[0] - 1] * 2)
    windows = big.unfold(0, k2.shape[0], 1).unfold(1, k2.shape[1], 1)
    out = (windows * k2.flip(0, 1)).sum((2, 3))
    k1.mul_(0)
    return out
