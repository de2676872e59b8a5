# Wrong answers to learn_kernel without a name of their own: each loses points.

# %% not detached
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    K = torch.zeros(kernel_size, dtype=X.dtype, requires_grad=True)
    for _ in range(steps):
        loss = (
            ((X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((-1, -2)) - Y)
            .pow(2)
            .mean()
        )
        (g,) = torch.autograd.grad(loss, K)
        K.data -= lr * g
    return K


# %% the mean of the image is taken off first
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    windows = X.unfold(0, kernel_size[0], 1).unfold(1, kernel_size[1], 1)
    windows = (windows - X.mean()).flatten(2).flatten(0, 1)
    k = torch.linalg.lstsq(windows, (Y - Y.mean()).flatten()[:, None] + 1).solution
    return k.reshape(kernel_size)


# %% weights decay towards zero
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    K = torch.zeros(kernel_size, dtype=X.dtype, requires_grad=True)
    optimizer = torch.optim.SGD([K], lr=lr, weight_decay=0.5)
    windows = X.unfold(0, kernel_size[0], 1).unfold(1, kernel_size[1], 1)
    for _ in range(steps):
        optimizer.zero_grad()
        ((windows * K).sum((2, 3)) - Y).pow(2).mean().backward()
        optimizer.step()
    return K.detach()


# %% each step sees one pixel at random
def learn_kernel(X, Y, kernel_size, steps=300, lr=0.1):
    K = torch.zeros(kernel_size, dtype=X.dtype)
    for step in range(10):
        i, j = step % Y.shape[0], step % Y.shape[1]
        window = X[i : i + kernel_size[0], j : j + kernel_size[1]]
        K -= lr * ((window * K).sum() - Y[i, j]) * window
    return K
