#!/bin/sh
# Makes the environment `.venv` (the project and its tools) or `.oracles` (the frameworks that
# the engine is compared with), system libraries included, and leaves `ready` in it when done.
set -eu

venv=$1
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

explain() {
    # shellcheck disable=SC2046
    set -- $(debian_packages)
    cat >&2 <<TEXT
lstmviz cannot be set up yet. Missing:
$(missing | sed 's/^/  - /')
Install it with the line for your system, then run make again:
  Debian, Ubuntu:  sudo apt-get install -y --no-install-recommends $*
  Fedora:          sudo dnf install gcc pkgconf python3-devel cairo-devel pango-devel
  macOS:           brew install cairo pkgconf
  Windows:         nothing to install; instead of make:
                   py -m venv .venv && .venv\\Scripts\\pip install -c constraints.txt -e .[dev,docs]
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

echo "Setting up $venv with $("$python" --version) (about a minute, once)"
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$venv"
pip="$venv/bin/python -m pip"
case $venv in
    .venv)
        $pip install -q -c constraints.txt -e '.[dev,docs]'
        ;;
    .oracles)
        # Without lstmviz's own dependencies: comparing numbers needs no Manim.
        $pip install -q -c constraints.txt torch onnx onnxruntime onnxscript safetensors keras h5py numpy click rich hypothesis platformdirs pytest threadpoolctl
        $pip install -q --no-deps -e .
        ;;
    *) fail "unknown environment $venv: .venv or .oracles" ;;
esac
touch "$venv/ready"
