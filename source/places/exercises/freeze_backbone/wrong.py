# Wrong answers to freeze_backbone without a name of their own: each loses points.

# %% a layer called fc in a block counts as the head
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = "fc" in name
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True, m=m: m


# %% the batch's statistics, untracked
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.track_running_stats = False


# %% statistics are put back after each pass
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            kept = {k: v.clone() for k, v in m.state_dict().items()}
            m.register_forward_hook(lambda m, i, o, kept=kept: m.load_state_dict(kept) and None)


# %% the model no longer hears train
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    model.eval()
    model.train = lambda mode=True: model


# %% the class is changed
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")

    def train(self, mode=True):
        nn.Module.train(self, mode)
        for m in self.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                m.eval()
        return self

    type(model).train = train
    model.train()


# %% train returns nothing
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    usual = model.train

    def train(mode=True):
        usual(mode)
        for m in model.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                m.eval()

    model.train = train


# %% one-dimensional batch norms forgotten
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
            m.train = lambda mode=True, m=m: m


# %% batch norms of the head too
def freeze_backbone(model):
    for n, p in model.named_parameters():
        if not n.startswith("fc."):
            p.requires_grad = False
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True, m=m: m


# %% head never trains
import types


def freeze_backbone(model):
    for n, p in model.named_parameters():
        p.requires_grad = n.startswith("fc.")
    model.eval()

    def train(self, mode=True):
        self.training = mode
        return self

    model.train = types.MethodType(train, model)
