#!/bin/sh
# Write requirements.lock (the house) and requirements-dev.lock (the tests too) from pyproject.toml.
set -eu
cd "$(dirname "$0")/.."
export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
compile() {
    target=$1
    shift
    .venv/bin/python -m uv pip compile --quiet --no-header --no-annotate --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links "$@" pyproject.toml |
        sed 's/^\([a-z0-9-]*==[0-9.]*\)+[a-z0-9.]*/\1/' >"$target.part"
    mv "$target.part" "$target"
}
compile requirements.lock --extra web --extra s3 --extra vision
compile requirements-dev.lock --extra web --extra s3 --extra vision --extra dev
