#!/bin/sh
# Makes an environment, system libraries included, and leaves a mark in it when that is done:
#   .venv/ready    the project, and what its users need
#   .venv/tools    what tests it and makes its site, too
#   .oracles/ready the frameworks that the engine is compared with
set -eu

made=$1
venv=${made%/*}
export PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_USE_PEP517=1 # Debian 12's pip warns about packages without a pyproject.toml

fail() {
    echo "$*" >&2
    exit 1
}

find_python() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "lstmviz needs Python 3.11 or newer, and found none: install it, or say PYTHON=/path/to/python make"
}

# Each missing thing on a line; pycairo and ManimPango are compiled when they are installed.
missing() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "Python's venv module"
    if [ "$venv" = .venv ]; then
        case $(uname -s) in
            MINGW* | MSYS* | CYGWIN*) return ;; # wheels for all
            Darwin) libraries="cairo" ;;        # ManimPango has wheels
            *) libraries="cairo pangocairo" ;;
        esac
        # shellcheck disable=SC2086
        pkg-config --exists $libraries 2>/dev/null || echo "the development files of $libraries"
        command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || echo "a C compiler"
        "$python" -c "$has_headers" || echo "Python's headers (Python.h)"
    fi
}

has_headers='
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'

# Python from elsewhere than Debian (pyenv, a container image) brings its headers and venv.
debian_packages() {
    echo gcc pkg-config libcairo2-dev libpango1.0-dev
    "$python" -c '
import sys
name = "python%d.%d" % sys.version_info[:2]
if sys.base_prefix == "/usr":
    print(name + "-venv", name + "-dev")'
}

install_with_apt() {
    # shellcheck disable=SC2046
    set -- $(debian_packages)
    echo "Installing with apt: $*"
    $sudo apt-get update -q || echo "apt-get update failed; going on with the lists that are there" >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" </dev/null
}

# The cure first, for whoever reads one line.
explain() {
    # shellcheck disable=SC2046
    set -- $(debian_packages)
    if command -v apt-get >/dev/null 2>&1; then
        cure="sudo apt-get install -y --no-install-recommends $*"
    elif command -v dnf >/dev/null 2>&1; then
        cure="sudo dnf install gcc pkgconf python3-devel cairo-devel pango-devel"
    elif command -v brew >/dev/null 2>&1; then
        cure="brew install cairo pkgconf"
    else
        cure="with your system's tools: gcc, pkg-config, and the development files of Python, Cairo and Pango"
    fi
    cat >&2 <<TEXT
Install what is missing, then run make again:  $cure
Missing:
$(missing | sed 's/^/  - /')
TEXT
    exit 1
}

python=$(find_python)

if [ -n "$(missing)" ] && command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        sudo=""
        install_with_apt || explain
    elif sudo -n true 2>/dev/null; then
        sudo="sudo -n"
        install_with_apt || explain
    fi
fi
[ -z "$(missing)" ] || explain

# pip with its progress; its own line would be silent for minutes.
install() {
    "$venv/bin/python" tools/pip_install.py -c constraints.txt "$@"
}

"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$venv"
case $made in
    .venv/ready)
        echo "Setting up lstmviz in .venv with $("$python" --version), once:"
        install -e '.[networks,slides]'
        ;;
    .venv/tools)
        echo "Adding to .venv what tests lstmviz and makes its site, once:"
        install -e '.[dev,docs]'
        ;;
    .oracles/ready)
        echo "Setting up .oracles, the frameworks that the engine is compared with, once:"
        # Without lstmviz's own dependencies: comparing numbers needs no Manim.
        install torch onnx onnxruntime onnxscript safetensors keras h5py numpy click rich hypothesis packaging platformdirs pytest threadpoolctl
        LSTMVIZ_BUILD_ANYWAY=1 install --no-deps -e .
        ;;
    *) fail "unknown environment $made: .venv/ready, .venv/tools or .oracles/ready" ;;
esac
touch "$made"
