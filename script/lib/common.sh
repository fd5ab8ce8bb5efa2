# Shared by everything in script/: where things are, how progress is shown, how a script ends.
# Source it after `set -euo pipefail`.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
CACHE="$ROOT/.cache"
TEST_ENV="$ROOT/.venv"
RUN_ENV="$CACHE/run-venv"
TOOLS_ENV="$CACHE/tools"

# Everything the scripts download stays in the checkout; nothing depends on a home folder.
export UV_CACHE_DIR="$CACHE/uv"
export UV_PYTHON_INSTALL_DIR="$CACHE/uv-python"
export UV_PYTHON_INSTALL_BIN=0
export UV_NO_PROGRESS=1
export PIP_CACHE_DIR="$CACHE/pip"
export PIP_DISABLE_PIP_VERSION_CHECK=1
export PYTHONUTF8=1
export PYTHONNOUSERSITE=1
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME

# say TEXT: one line of progress with the seconds since the script began.
say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }

# die TEXT: one plain sentence on what is wrong and what helps, then the end.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# fresh MARKER INPUT...: true when MARKER records exactly the present content of the inputs.
fresh() {
  local marker=$1
  shift
  [[ -f $marker && "$(cat "$marker")" == "$(fingerprint "$@")" ]]
}

# fingerprint INPUT...: one digest over the given files and the place of the checkout, because
# virtual environments and the private interpreter contain absolute paths.
fingerprint() { { printf '%s\n' "$ROOT"; cat "$@"; } | sha256sum | cut -d' ' -f1; }

# Ctrl-C ends the script and whatever it has started.
stop_children() {
  trap - INT TERM
  printf '\nstopped\n' >&2
  kill -- $(jobs -p) 2>/dev/null || true
  exit 130
}
trap stop_children INT TERM
