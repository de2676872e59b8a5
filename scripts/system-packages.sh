#!/usr/bin/env bash
# Install what pip cannot. Does nothing when all is there.
#
#   scripts/system-packages.sh          bubblewrap and libseccomp (the walls around a submission), and
#                                       Python's venv module where the system splits it off
#   scripts/system-packages.sh tests    what only tests need: Chromium and PostgreSQL
set -euo pipefail

python=${PYTHON:-python3}
missing=()

if [ "${1:-}" = tests ]; then
    without="the tests in a browser and on PostgreSQL are skipped."
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing+=(chromium)
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
        missing+=(postgresql)
else
    without="grading refuses to start, unless the course asks for
the weaker isolation by name: c.Autograder.sandbox = \"process\" in nbgrader_config.py"
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "Python 3.11 or newer is needed, and '$python' is not one. Name one: make setup PYTHON=python3.12" >&2
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        missing+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
    fi
    command -v bwrap >/dev/null || missing+=(bubblewrap)
    "$python" -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null || missing+=(libseccomp2)
fi

[ ${#missing[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null; then
    sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
    if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
        echo "installing ${missing[*]}"
        "${sudo[@]}" apt-get update -qq </dev/null || true
        left=()
        for package in "${missing[@]}"; do # one by one: not every system has each of them
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends "$package" </dev/null >/dev/null ||
                left+=("$package")
        done
        [ ${#left[@]} -eq 0 ] && exit 0
        missing=("${left[@]}")
    fi
    echo "These system packages are missing. Please run:" >&2
    echo "    sudo apt-get install ${missing[*]}" >&2
else
    echo "Please install with this system's package manager: ${missing[*]}" >&2
fi
case " ${missing[*]} " in
*-venv*) exit 1 ;; # nothing works without it
esac
echo "Going on without. Until they are there, $without" >&2
