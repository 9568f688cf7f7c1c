#!/bin/sh
# Make or refresh .venv from a lock file; nothing happens when that lock was installed before.
# Usage: setup.sh run (what the house needs) or setup.sh dev (the tests' tools too).
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
kind=${1:-dev}
case $kind in
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
*) echo "usage: setup.sh run|dev" >&2; exit 2 ;;
esac

# An environment that is linked from elsewhere is its owner's to change.
[ ! -L .venv ] || exit 0
stamp=.venv/installed-$kind-$(cksum <"$lock" | tr ' ' -)
[ ! -e "$stamp" ] || exit 0

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed; name it with: PYTHON=/path/to/python3.11 make setup" >&2
    exit 1
fi
echo "Installing the libraries of $lock into .venv"
if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv; then
    rm -rf .venv
    echo "The virtual environment could not be made; on Debian: apt-get install python3-venv" >&2
    exit 1
fi
# uv is several times quicker; where it cannot be had, pip does the same.
export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
if .venv/bin/python -m uv --version >/dev/null 2>&1 ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.8 2>/dev/null; then
    .venv/bin/python -m uv pip install --quiet --python .venv/bin/python -r "$lock"
else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$lock"
fi
rm -f .venv/installed-"$kind"-*
: >"$stamp"
# Everything the house runs on is among the tests' tools as well.
[ "$kind" = run ] || : >".venv/installed-run-$(cksum <requirements.lock | tr ' ' -)"
