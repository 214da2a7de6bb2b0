#!/bin/sh
# Prints the files that belong to the project, each ended by a zero byte: those that git tracks,
# or all of them where there is no git, as in an unpacked archive. Patterns choose among them.
set -eu
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files -z -- "$@"
else
    [ $# -gt 0 ] || set -- '*'
    for pattern in "$@"; do
        find . -path './.*' -prune -o -type f -name "$pattern" -print0
    done
fi
