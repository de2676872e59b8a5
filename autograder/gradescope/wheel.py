"""A wheel of the engine that runs here, made from its files: no index has this version of it."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib.metadata import PackageNotFoundError, distributions, requires
from pathlib import Path

import autograder
from autograder.errors import UsageError

NAME = "autograder-course"
_STEM = NAME.replace("-", "_")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = ("__pycache__",)


def wheel() -> tuple[str, bytes]:
    """The file name and the bytes of a wheel of the package ``autograder``.

    It requires the same packages as the installed one, without extras. Raises UsageError if the
    package is not installed.
    """
    root = Path(autograder.__file__).parent
    info = f"{_STEM}-{autograder.__version__}.dist-info"
    files = {
        f"autograder/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not set(_LEFT_OUT) & set(path.parts)
    }
    files[f"{info}/METADATA"] = _metadata().encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(f"{name},{_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return f"{_STEM}-{autograder.__version__}-py3-none-any.whl", packed.getvalue()


def constraints() -> str:
    """The exact versions of all packages that are installed here, for ``pip install -c``.

    A local label such as ``+cpu`` is left out, because another index has other labels.
    """
    found: dict[str, str] = {}
    for one in distributions():
        name = one.metadata["Name"]
        if name and name != NAME:
            found.setdefault(name, one.version.partition("+")[0])
    lines = sorted(f"{name}=={version}\n" for name, version in found.items())
    return "# The versions that the course was graded with.\n" + "".join(lines)


def _metadata() -> str:
    try:
        needed = requires(NAME) or []
    except PackageNotFoundError:
        raise UsageError(
            f"the package {NAME} is not installed, so its requirements are not known: "
            "`pip install -e .` in its folder, or `make setup`"
        ) from None
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {NAME}",
        f"Version: {autograder.__version__}",
        "Requires-Python: >=3.11",
        *(f"Requires-Dist: {one}" for one in needed if "extra ==" not in one),
    ]
    return "\n".join(lines) + "\n"


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
