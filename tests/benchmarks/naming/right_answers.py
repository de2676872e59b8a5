"""Right functions, written here, in the form that other courses ask for."""

EECS498 = """
F = torch.nn.functional

def grads(out, inputs, dout):
    return torch.autograd.grad(out, inputs, dout)

class Conv:
    @staticmethod
    def forward(x, w, b, conv_param):
        out = F.conv2d(x, w, b, conv_param["stride"], conv_param["pad"])
        return out, (x, w, b, conv_param)

    @staticmethod
    def backward(dout, cache):
        inputs = [value.clone().requires_grad_() for value in cache[:3]]
        return grads(Conv.forward(*inputs, cache[3])[0], inputs, dout)

class MaxPool:
    @staticmethod
    def forward(x, pool_param):
        return F.max_pool2d(x, pool_param["pool_height"], pool_param["stride"]), (x, pool_param)

    @staticmethod
    def backward(dout, cache):
        x = cache[0].clone().requires_grad_()
        return grads(MaxPool.forward(x, cache[1])[0], [x], dout)[0]

class BatchNorm:
    @staticmethod
    def forward(x, gamma, beta, bn_param):
        mean, var = x.mean(0), x.var(0, unbiased=False)
        old = bn_param.get("momentum", 0.9)
        if bn_param["mode"] == "test":
            mean, var = bn_param["running_mean"], bn_param["running_var"]
        else:
            for name, value in (("running_mean", mean), ("running_var", var)):
                bn_param[name] = old * bn_param.get(name, 0) + (1 - old) * value.detach()
        out = gamma * (x - mean) / (var + bn_param["eps"]).sqrt() + beta
        return out, (x, gamma, beta, bn_param["eps"])

    @staticmethod
    def backward(dout, cache):
        inputs = [value.clone().requires_grad_() for value in cache[:3]]
        out = BatchNorm.forward(*inputs, {"mode": "train", "eps": cache[3]})[0]
        return grads(out, inputs, dout)

class SpatialBatchNorm:
    @staticmethod
    def forward(x, gamma, beta, bn_param):
        n, c, h, w = x.shape
        flat = x.permute(0, 2, 3, 1).reshape(-1, c)
        out, cache = BatchNorm.forward(x=flat, gamma=gamma, beta=beta, bn_param=bn_param)
        return out.reshape(n, h, w, c).permute(0, 3, 1, 2), cache

class LayerNormalization(torch.nn.Module):
    def __init__(self, emb_dim, epsilon=1e-10):
        super().__init__()
        self.shift = torch.nn.Parameter(torch.zeros(emb_dim))
        self.scale = torch.nn.Parameter(torch.ones(emb_dim))
        self.epsilon = epsilon

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.scale, self.shift, self.epsilon)
"""

COURSERA = """
F = torch.nn.functional

def channels_first(x):
    return torch.from_numpy(x.transpose(0, 3, 1, 2).copy())

def channels_last(x):
    return x.detach().numpy().transpose(0, 2, 3, 1)

def conv_forward(A_prev, W, b, hparameters):
    assert W.shape[0] == W.shape[1] and float(b[:, :, :, 0]) == b.item(0)
    w = torch.from_numpy(W.transpose(3, 2, 0, 1).copy())
    b = torch.from_numpy(np.array(b).reshape(-1))
    out = F.conv2d(channels_first(A_prev), w, b, hparameters["stride"], hparameters["pad"])
    return channels_last(out), (A_prev, W, b, hparameters)

def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    assert W.shape[0] == W.shape[1]
    x = channels_first(A_prev).requires_grad_()
    w = torch.from_numpy(W.transpose(3, 2, 0, 1).copy()).requires_grad_()
    out = F.conv2d(x, w, None, hparameters["stride"], hparameters["pad"])
    dx, dw = torch.autograd.grad(out, [x, w], channels_first(dZ))
    return channels_last(dx), dw.numpy().transpose(2, 3, 1, 0), dZ.sum((0, 1, 2)).reshape(1, 1, 1, -1)

def pooled(x, hparameters, mode):
    pool = F.max_pool2d if mode == "max" else F.avg_pool2d
    return pool(x, hparameters["f"], hparameters["stride"])

def pool_forward(A_prev, hparameters, mode="max"):
    return channels_last(pooled(channels_first(A_prev), hparameters, mode)), (A_prev, hparameters)

def pool_backward(dA, cache, mode="max"):
    x = channels_first(cache[0]).requires_grad_()
    return channels_last(torch.autograd.grad(pooled(x, cache[1], mode), [x], channels_first(dA))[0])
"""

CMU = """
F = torch.nn.functional

class Conv2d_stride1:
    call = F.conv2d

    def __init__(self, in_channels, out_channels, kernel_size):
        self.k = kernel_size

    def forward(self, A):
        assert set(self.W.shape[2:]) == {self.k}
        self.inputs = [torch.from_numpy(np.array(v)).requires_grad_() for v in (A, self.W)]
        self.out = type(self).call(*self.inputs)
        b = np.array(self.b).reshape(-1, *[1] * (A.ndim - 2))
        return self.out.detach().numpy() + b

    def backward(self, dLdZ):
        dx, dw = torch.autograd.grad(self.out, self.inputs, torch.from_numpy(dLdZ))
        self.dLdW, self.dLdb = dw.numpy(), dLdZ.sum((0, 2, 3))
        return dx.numpy()

class Conv1d_stride1(Conv2d_stride1):
    call = F.conv1d

class MaxPool2d_stride1:
    call = F.max_pool2d

    def __init__(self, kernel):
        self.k = kernel

    def forward(self, A):
        self.x = torch.from_numpy(np.array(A)).requires_grad_()
        self.out = type(self).call(self.x, self.k, 1)
        return self.out.detach().numpy()

    def backward(self, dLdZ):
        return torch.autograd.grad(self.out, [self.x], torch.from_numpy(dLdZ))[0].numpy()

class MeanPool2d_stride1(MaxPool2d_stride1):
    call = F.avg_pool2d

class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha

    def forward(self, Z, eval=False):
        if eval:
            return self.BW * (Z - self.running_M) / np.sqrt(self.running_V + self.eps) + self.Bb
        mean, var = Z.mean(0, keepdims=True), Z.var(0, keepdims=True)
        a = self.alpha
        self.running_M = a * getattr(self, "running_M", 0) + (1 - a) * mean
        self.running_V = a * getattr(self, "running_V", 1) + (1 - a) * var
        self.std, self.NZ = np.sqrt(var + self.eps), (Z - mean) / np.sqrt(var + self.eps)
        return self.BW * self.NZ + self.Bb

    def backward(self, d):
        self.dLdBW, self.dLdBb = (d * self.NZ).sum(0, keepdims=True), d.sum(0, keepdims=True)
        d = d * self.BW
        return (d - d.mean(0) - self.NZ * (d * self.NZ).mean(0)) / self.std
"""

CS131 = """
def cross_correlation(f, g):
    assert g.shape[0] % 2 and g.shape[1] % 2
    padded = np.pad(f, [(size // 2, size // 2) for size in g.shape])
    windows = np.lib.stride_tricks.sliding_window_view(padded, g.shape)
    return np.einsum("ijkl,kl->ij", windows, g)

def conv_nested(image, kernel):
    return cross_correlation(image, kernel[::-1, ::-1])

def normalized_cross_correlation(f, g):
    padded = np.pad(f, [(size // 2, size // 2) for size in g.shape])
    windows = np.lib.stride_tricks.sliding_window_view(padded, g.shape)
    windows = windows - windows.mean((2, 3), keepdims=True)
    windows = windows / windows.std((2, 3), keepdims=True)
    return np.einsum("ijkl,kl->ij", windows, (g - g.mean()) / g.std())[: len(f), : f.shape[1]]
"""

OTHER = """
class CustomBatchNormManualFunction:
    @staticmethod
    def forward(ctx, input, gamma, beta, eps=1e-5):
        mean, var = input.mean(0), input.var(0, unbiased=False)
        normal = (input - mean) / (var + eps).sqrt()
        ctx.save_for_backward(normal, gamma, var)
        ctx.eps = eps
        return gamma * normal + beta

    @staticmethod
    def backward(ctx, grad_output):
        normal, gamma, var = ctx.saved_tensors
        assert ctx.needs_input_grad[0]
        d = grad_output * gamma
        dx = (d - d.mean(0) - normal * (d * normal).mean(0)) / (var + ctx.eps).sqrt()
        return dx, (grad_output * normal).sum(0), grad_output.sum(0), None

def train_step(model, dataloader, loss_fn, optimizer, device):
    model.train()
    total, n = 0.0, 0
    for x, y in dataloader:
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, n = total + loss.item() * len(y), n + len(y)
    return total / n, 0.0

def train_one_epoch(model, loader, optimizer, criterion, device, epoch=0):
    return train_step(model, loader, criterion, optimizer, device)[0]

def evaluate_model(model, data_loader, device):
    model.eval()
    right = torch.cat([model(x).argmax(1) == y for x, y in data_loader])
    return right.float().mean()

def test_step(model, dataloader, loss_fn, device):
    return 0.0, evaluate_model(model, dataloader, device)

def fuse_conv_and_bn(conv, bn):
    return torch.nn.utils.fuse_conv_bn_eval(conv, bn)

def calc_out_size(img_size, kernel, stride, pad):
    return (img_size - kernel + 2 * pad) // stride + 1

def conv_params(input_channels, output_channels, kernel_height, kernel_width):
    return output_channels * (input_channels * kernel_height * kernel_width + 1)

def instance_normalization(x, gamma, beta, epsilon=1e-5):
    normal = (x - x.mean((2, 3), keepdims=True)) / np.sqrt(x.var((2, 3), keepdims=True) + epsilon)
    return gamma * normal + beta

def instance_norm(x, eps):
    return torch.nn.functional.instance_norm(x, eps=eps)

def custom_group_norm(input_tensor, groups, eps):
    return torch.nn.functional.group_norm(input_tensor, groups, eps=eps)

def group_norm(x, gamma, beta, G, eps):
    return torch.nn.functional.group_norm(x, G, eps=eps) * gamma + beta

def custom_layer_norm(input_tensor, eps):
    return torch.nn.functional.layer_norm(input_tensor, input_tensor.shape[1:], eps=eps)
"""
