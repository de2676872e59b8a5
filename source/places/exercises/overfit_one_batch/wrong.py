# Wrong answers to overfit_one_batch without a name of their own: each loses points.

# %% the labels are changed in the end
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
    y.fill_(0)
    return losses


# %% another learning rate
def overfit_one_batch(model, batch, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    model.train()
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% training mode after all is done
def overfit_one_batch(model, batch, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.train()
    return losses


# %% AdamW
def overfit_one_batch(model, batch, steps):
    images, labels = batch
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for k in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% clipped
def overfit_one_batch(model, batch, steps):
    images, labels = batch
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    losses = []
    for k in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses
