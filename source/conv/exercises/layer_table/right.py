# Right answers to layer_table, written in other ways: each earns everything.

# %% a recursive walk, hooks in an ExitStack, modes by name
from contextlib import ExitStack


def leaves_of(module):
    inside = list(module.children())
    if not inside:
        return {module}
    return set().union(*map(leaves_of, inside))


def layer_table(model, input_shape):
    table = [("Input", input_shape, None)]
    modes = {name: m.training for name, m in model.named_modules()}

    def hook(m, args, out):
        w = dict(m.named_parameters(recurse=False)).get("weight")
        name = m.__class__.__name__
        table.append((name, torch.Size(out.size()[1:]), w if w is None else w.shape))

    with ExitStack() as stack, torch.inference_mode():
        for leaf in leaves_of(model):
            stack.callback(leaf.register_forward_hook(hook).remove)
        model.eval()(torch.rand(2, *input_shape))
    for name, m in model.named_modules():
        m.train(modes[name]) if not list(m.children()) else setattr(m, "training", modes[name])
    return table


# %% a deep copy is looked at
import copy


def layer_table(model, input_shape):
    twin = copy.deepcopy(model).eval()
    rows = [["Input", list(input_shape), None]]

    def look(layer, inputs, output):
        w = layer.weight if hasattr(layer, "weight") else None
        rows.append(
            [type(layer).__name__, list(output[0].shape), None if w is None else [*w.shape]]
        )

    for layer in twin.modules():
        if next(layer.children(), None) is None:
            layer.register_forward_hook(look)
    twin(torch.zeros(1, *input_shape))
    return [(name, tuple(s), w if w is None else tuple(w)) for name, s, w in rows]
