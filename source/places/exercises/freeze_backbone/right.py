# Right answers to freeze_backbone, written in other ways: each earns everything.

# %% train of this model is wrapped
def freeze_backbone(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)
    usual = model.train

    def train(mode=True):
        usual(mode)
        for name, child in model.named_children():
            if name != "fc":
                for m in child.modules():
                    if isinstance(m, nn.modules.batchnorm._BatchNorm):
                        m.training = False
        return model

    model.train = train
    model.train(model.training)
    return model


# %% a hook before every forward pass
def freeze_backbone(model):
    head = set(model.fc.parameters())
    for p in model.parameters():
        p.requires_grad = p in head
    inside = set(model.fc.modules())
    for m in model.modules():
        if m not in inside and isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.register_forward_pre_hook(lambda module, inputs: module.eval() and None)


# %% the whole backbone in eval mode, a method bound to the model
import types


def _train(self, mode=True):
    nn.Module.train(self, mode)
    for name, child in self.named_children():
        if name != "fc":
            child.eval()
    return self


def freeze_backbone(model):
    for name, p in model.named_parameters():
        if name.split(".")[0] != "fc":
            p.requires_grad = False
    model.train = types.MethodType(_train, model)
    model.train(model.training)


# %% a class of frozen layers
class _Frozen2d(nn.BatchNorm2d):
    def train(self, mode=True):
        return super().train(False)


class _Frozen1d(nn.BatchNorm1d):
    def train(self, mode=True):
        return super().train(False)


def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad_(name.startswith("fc."))
    for name, m in model.named_modules():
        if name.startswith("fc."):
            continue
        if type(m) is nn.BatchNorm2d:
            m.__class__ = _Frozen2d
            m.eval()
        elif type(m) is nn.BatchNorm1d:
            m.__class__ = _Frozen1d
            m.eval()


# %% instance class swapped per norm
class FrozenTrain:
    def train(self, mode=True):
        return super().train(False)


def freeze_backbone(model):
    for n, p in model.named_parameters():
        p.requires_grad_(p.requires_grad and n.split(".")[0] == "fc")
    for n, m in model.named_modules():
        if n.split(".")[0] != "fc" and isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.__class__ = type("Frozen" + type(m).__name__, (FrozenTrain, type(m)), {})
            m.eval()
