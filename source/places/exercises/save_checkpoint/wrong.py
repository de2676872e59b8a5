# Wrong answers to save_checkpoint without a name of their own: each loses points.

# %% momentum in the order of text, from ten on
def save_checkpoint(path, model, optimizer, step):
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    state = optimizer.state_dict()
    for k, entries in state["state"].items():
        for name, v in entries.items():
            if isinstance(v, torch.Tensor):
                tensors[f"state.{k}.{name}"] = v
    save_weights(path, tensors, {"step": step, "groups": json.dumps(state["param_groups"])})


def load_checkpoint(path, model, optimizer):
    tensors, texts = load_weights(path), read_metadata(path)
    model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
    keys = sorted({k.split(".")[1] for k in tensors if k.startswith("state.")})
    state = {}
    for number, key in enumerate(keys):
        start = f"state.{key}."
        state[number] = {k[len(start) :]: v for k, v in tensors.items() if k.startswith(start)}
    optimizer.load_state_dict({"state": state, "param_groups": json.loads(texts["groups"])})
    return int(texts["step"])


# %% parameters without buffers
def save_checkpoint(path, model, optimizer, step):
    tensors = {f"m.{k}": v for k, v in model.named_parameters()}
    state = optimizer.state_dict()
    for i, entries in state["state"].items():
        tensors |= {f"o.{i}.{k}": v for k, v in entries.items() if v is not None}
    save_weights(path, tensors, {"step": step, "groups": json.dumps(state["param_groups"])})


def load_checkpoint(path, model, optimizer):
    tensors, texts = load_weights(path), read_metadata(path)
    with torch.no_grad():
        for k, v in model.named_parameters():
            v.copy_(tensors[f"m.{k}"])
    state = {}
    for k, v in tensors.items():
        if k.startswith("o."):
            _, i, name = k.split(".")
            state.setdefault(int(i), {})[name] = v
    optimizer.load_state_dict({"state": state, "param_groups": json.loads(texts["groups"])})
    return int(texts["step"])


# %% one learning rate for all groups
def save_checkpoint(path, model, optimizer, step):
    tensors = {f"m.{k}": v for k, v in model.state_dict().items()}
    for i, entries in optimizer.state_dict()["state"].items():
        tensors |= {f"o.{i}.{k}": v for k, v in entries.items() if v is not None}
    save_weights(path, tensors, {"step": step, "lr": optimizer.param_groups[0]["lr"]})


def load_checkpoint(path, model, optimizer):
    tensors, texts = load_weights(path), read_metadata(path)
    model.load_state_dict({k[2:]: v for k, v in tensors.items() if k[:2] == "m."})
    state = {}
    for k, v in tensors.items():
        if k.startswith("o."):
            _, i, name = k.split(".")
            state.setdefault(int(i), {})[name] = v
    groups = optimizer.state_dict()["param_groups"]
    for group in groups:
        group["lr"] = float(texts["lr"])
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    return int(texts["step"])


# %% float32 for all
import io
import zipfile


def _npy(v):
    f = io.BytesIO()
    np.save(f, v.detach().cpu().float().numpy(), allow_pickle=False)
    return f.getvalue()


def save_checkpoint(path, model, optimizer, step):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in model.state_dict().items():
            z.writestr("model/" + k + ".npy", _npy(v))
        sd = optimizer.state_dict()
        other = {}
        for i, s in sd["state"].items():
            for k, v in s.items():
                if torch.is_tensor(v):
                    z.writestr(f"opt/{i}/{k}.npy", _npy(v))
                else:
                    other.setdefault(str(i), {})[k] = v
        z.writestr(
            "info.json", json.dumps({"step": step, "groups": sd["param_groups"], "other": other})
        )


def load_checkpoint(path, model, optimizer):
    with zipfile.ZipFile(path) as z:
        info = json.loads(z.read("info.json"))
        state = {int(i): dict(s) for i, s in info["other"].items()}
        weights = {}
        for n in z.namelist():
            if not n.endswith(".npy"):
                continue
            v = torch.from_numpy(np.load(io.BytesIO(z.read(n)), allow_pickle=False))
            if n.startswith("model/"):
                weights[n[6:-4]] = v
            else:
                _, i, k = n[:-4].split("/")
                state.setdefault(int(i), {})[k] = v
    model.load_state_dict(weights, strict=True)
    optimizer.load_state_dict({"state": state, "param_groups": info["groups"]})
    return info["step"]


# %% state not cleared
import io
import zipfile


def _npy(v):
    f = io.BytesIO()
    np.save(f, v.detach().cpu().numpy(), allow_pickle=False)
    return f.getvalue()


def save_checkpoint(path, model, optimizer, step):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in model.state_dict().items():
            z.writestr("model/" + k + ".npy", _npy(v))
        sd = optimizer.state_dict()
        other = {}
        for i, s in sd["state"].items():
            for k, v in s.items():
                if torch.is_tensor(v):
                    z.writestr(f"opt/{i}/{k}.npy", _npy(v))
                else:
                    other.setdefault(str(i), {})[k] = v
        z.writestr(
            "info.json", json.dumps({"step": step, "groups": sd["param_groups"], "other": other})
        )


def load_checkpoint(path, model, optimizer):
    with zipfile.ZipFile(path) as z:
        info = json.loads(z.read("info.json"))
        state = {int(i): dict(s) for i, s in info["other"].items()}
        weights = {}
        for n in z.namelist():
            if not n.endswith(".npy"):
                continue
            v = torch.from_numpy(np.load(io.BytesIO(z.read(n)), allow_pickle=False))
            if n.startswith("model/"):
                weights[n[6:-4]] = v
            else:
                _, i, k = n[:-4].split("/")
                state.setdefault(int(i), {})[k] = v
    model.load_state_dict(weights, strict=True)
    old = optimizer.state_dict()["state"]
    state = {**old, **state}
    optimizer.load_state_dict({"state": state, "param_groups": info["groups"]})
    return info["step"]
