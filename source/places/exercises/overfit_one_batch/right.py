# Right answers to overfit_one_batch, written in other ways: each earns everything.

# %% in evaluation mode again at the end
def overfit_one_batch(model, batch, steps):
    x, y = batch
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for _ in range(steps):
        adam.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        adam.step()
        losses.append(loss.item())
    model.eval()
    return losses


# %% gradients by torch.autograd.grad
def overfit_one_batch(model, batch, steps):
    x, y = batch
    model.train()
    parameters = list(model.parameters())
    adam = torch.optim.Adam(parameters, lr=1e-2)
    history = []
    for step in range(steps):
        loss = -torch.log_softmax(model(x), 1).gather(1, y[:, None]).mean()
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient
        adam.step()
        history.append(float(loss))
    return history


# %% a while loop, nn.CrossEntropyLoss, numbers from numpy
def overfit_one_batch(model, batch, steps):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(params=model.parameters(), lr=0.01)
    losses = np.zeros(steps)
    i = 0
    while i < steps:
        model.train()
        for p in model.parameters():
            p.grad = None
        out = criterion(model(batch[0]), batch[1])
        out.backward()
        losses[i] = out.detach().numpy()
        optimizer.step()
        i += 1
    return losses.tolist()


# %% closure, set_to_none, one-hot
def overfit_one_batch(model, batch, steps):
    x, y = batch
    optimizer = torch.optim.Adam([{"params": list(model.parameters())}], lr=0.01)
    model.train()

    def closure():
        optimizer.zero_grad(set_to_none=False)
        out = model(x)
        target = F.one_hot(y, out.shape[1]).to(out.dtype)
        loss = -(target * out.log_softmax(-1)).sum(1).mean()
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(steps)]
