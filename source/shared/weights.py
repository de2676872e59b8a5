"""Networks in files: the safetensors format, which holds numbers only and can run nothing.

Eight bytes with the length of a header, the header (JSON: name, dtype, shape and place of each
tensor), then the numbers themselves. The package ``safetensors`` reads and writes the same files.
"""

import json
import math

import torch

FILE_DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8,
    "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


def save_weights(path, tensors, metadata=None):
    """Write named tensors, for example a state_dict, to a safetensors file.

    metadata: a dict of texts that is kept beside them.
    """
    names = {dtype: name for name, dtype in FILE_DTYPES.items()}
    header = {"__metadata__": {str(k): str(v) for k, v in metadata.items()}} if metadata else {}
    pieces, end = [], 0
    for name, tensor in tensors.items():
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        pieces.append(flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b"")
        start, end = end, end + len(pieces[-1])
        shape, dtype = list(tensor.shape), names[tensor.dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers start at a multiple of 8
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(pieces))


def load_weights(path):
    """Return the tensors of a safetensors file, by name.

    Raises ValueError when the file is cut short or is not of this format.
    """
    header, data = read_weights_file(path)
    tensors = {}
    for name, entry in header.items():
        dtype, shape = FILE_DTYPES.get(entry["dtype"]), entry["shape"]
        start, end = entry["data_offsets"]
        size = 0 if dtype is None else math.prod(shape) * dtype.itemsize
        if dtype is None or not 0 <= start <= end <= len(data) or end - start != size:
            raise ValueError(f"{path}: the tensor {name} is damaged")
        piece = bytearray(data[start:end])
        empty = torch.empty(0, dtype=dtype)
        flat = torch.frombuffer(piece, dtype=torch.uint8).view(dtype) if piece else empty
        tensors[name] = flat.reshape(shape)
    return tensors


def read_metadata(path):
    """Return the texts that were kept beside the tensors of a safetensors file."""
    with open(path, "rb") as file:
        return weights_header(path, file).get("__metadata__", {})


def read_weights_file(path):
    """Return the header of a safetensors file, without the metadata, and the bytes behind it."""
    with open(path, "rb") as file:
        header = weights_header(path, file)
        header.pop("__metadata__", None)
        return header, file.read()


def weights_header(path, file):
    """Read the header at the start of an open safetensors file."""
    length = int.from_bytes(file.read(8), "little")
    text = file.read(length) if 0 < length < 100_000_000 else b""
    try:
        header = json.loads(text)
    except ValueError:
        header = None
    if not isinstance(header, dict) or len(text) != length:
        raise ValueError(f"{path} is not a safetensors file, or was cut short")
    return header
