#!/usr/bin/env bash
# Gradescope runs this script once, as root, when it builds the image of the autograder.
# It installs the grader and its libraries, in the versions that the course was graded with.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ENVIRONMENT="${AUTOGRADER_ENVIRONMENT:-/opt/autograder}"
TORCH_INDEX="${AUTOGRADER_TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"
VERSIONS=(@PYTHONS@)

# Whether a Python can make an environment that the grader runs in.
suits() {
    command -v "$1" > /dev/null &&
        "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

find_python() {
    local version
    for version in "${VERSIONS[@]}"; do
        if suits "python$version"; then
            echo "python$version"
            return 0
        fi
    done
    return 1
}

if ! PYTHON="$(find_python)"; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    for version in "${VERSIONS[@]}"; do
        if apt-get install -y "python$version" "python$version-venv"; then
            break
        fi
    done
    if ! PYTHON="$(find_python)"; then
        echo "This image has no Python 3.11 or newer: choose a newer base image." >&2
        exit 1
    fi
fi

"$PYTHON" -m venv "$ENVIRONMENT"
# torch for processors: the build for graphics cards is several gigabytes larger
"$ENVIRONMENT/bin/python" -m pip install --no-cache-dir --disable-pip-version-check \
    --extra-index-url "$TORCH_INDEX" --constraint "$HERE/constraints.txt" "$HERE"/*.whl

# Submissions run as another user: it may read Python's files, but nothing of the course.
chmod -R go+rX "$ENVIRONMENT"
chmod -R go= "$HERE"
