#!/usr/bin/env bash
# Install what pip cannot: bubblewrap and libseccomp (the walls around a submission), PostgreSQL (for
# the leaderboard's tests), and Python's venv module where the system splits it off. Does nothing
# when all is there.
set -euo pipefail

python=${PYTHON:-python3}
missing=()

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed, and '$python' is not one. Name one: make setup PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi
command -v bwrap >/dev/null || missing+=(bubblewrap)
"$python" -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null || missing+=(libseccomp2)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    missing+=(postgresql)

[ ${#missing[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null; then
    sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
    if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then
        echo "installing ${missing[*]}"
        if "${sudo[@]}" apt-get update -qq </dev/null &&
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null; then
            exit 0
        fi
    fi
    echo "These system packages are missing. Please run:" >&2
    echo "    sudo apt-get install ${missing[*]}" >&2
else
    echo "Please install with this system's package manager: ${missing[*]}" >&2
fi
case " ${missing[*]} " in
*-venv*) exit 1 ;; # nothing works without it
esac
case " ${missing[*]} " in
*" bubblewrap "* | *" libseccomp2 "*) ;;
*)
    echo "Going on without: the leaderboard's tests on PostgreSQL are skipped." >&2
    exit 0
    ;;
esac
echo "Going on without. Until they are there, grading refuses to start, unless the course asks for" >&2
echo "the weaker isolation by name: c.Autograder.sandbox = \"process\" in nbgrader_config.py" >&2
