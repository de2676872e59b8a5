# Wrong answers to layer_table without a name of their own: each loses points.

# %% layers in the order of their names as texts
def layer_table(model, input_shape):
    shapes = {}

    def hook(name):
        def note(m, args, out):
            w = getattr(m, "weight", None)
            shapes.setdefault(name, []).append(
                (type(m).__name__, tuple(out.shape[1:]), None if w is None else tuple(w.shape))
            )

        return note

    modes = [(m, m.training) for m in model.modules()]
    order = []
    hooks = []
    for name, m in model.named_modules():
        if not list(m.children()):
            hooks.append(m.register_forward_hook(hook(name)))
            hooks.append(m.register_forward_hook(lambda m, i, o, name=name: order.append(name)))
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, *input_shape))
    for h in hooks:
        h.remove()
    for m, mode in modes:
        m.training = mode
    if len(set(order)) == len(order) and len(order) > 10:
        order = sorted(order)
    return [("Input", tuple(input_shape), None)] + [shapes[name].pop(0) for name in order]


# %% one mode for all modules
def layer_table(model, input_shape):
    rows, training = [("Input", tuple(input_shape), None)], model.training

    def hook(m, i, o):
        w = getattr(m, "weight", None)
        rows.append((type(m).__name__, tuple(o.shape[1:]), None if w is None else tuple(w.shape)))

    hooks = [m.register_forward_hook(hook) for m in model.modules() if not list(m.children())]
    model.eval()
    model(torch.zeros(1, *input_shape))
    for h in hooks:
        h.remove()
    model.train(training)
    return rows


# %% statistics change
def layer_table(model, input_shape):
    rows = [("Input", tuple(input_shape), None)]

    def hook(m, i, o):
        w = getattr(m, "weight", None)
        rows.append((type(m).__name__, tuple(o.shape[1:]), None if w is None else tuple(w.shape)))

    hooks = [m.register_forward_hook(hook) for m in model.modules() if not list(m.children())]
    with torch.no_grad():
        model(torch.zeros(2, *input_shape))
    for h in hooks:
        h.remove()
    return rows
