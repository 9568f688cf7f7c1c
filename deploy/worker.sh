#!/bin/sh
# Entry of the worker image: "gpu" or "default" (queues), or "sweeper".
set -eu
if [ "$1" = sweeper ]; then
    exec python -m workers.sweeper
fi
per_child=20
[ "$1" != gpu ] || per_child=1
exec python -m celery -A workers.app worker -Q "$1" -n "$1@%h" --pool prefork --concurrency 1 \
    --max-tasks-per-child "$per_child" --loglevel INFO
