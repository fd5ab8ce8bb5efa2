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

# fingerprint TEXT...: one digest over the texts and the place of the checkout, because virtual
# environments and the private interpreter contain absolute paths.
fingerprint() { printf '%s\n' "$ROOT" "$@" | sha256sum | cut -d' ' -f1; }

# fresh MARKER FINGERPRINT: true when MARKER was written for exactly this.
fresh() { [[ -f $1 && "$(<"$1")" == "$2" ]]; }

# Ctrl-C reaches the programs a script has started by itself; the script then ends as well,
# whatever their exit status makes of it.
trap 'printf "\nstopped\n" >&2; exit 130' INT

# with_signs_of_life COMMAND...: runs it and says every 10 s how far the downloads are.
with_signs_of_life() {
  local status=0
  signs_of_life &
  "$@" || status=$?
  kill $! 2>/dev/null || true
  wait $! 2>/dev/null || true
  return $status
}

signs_of_life() {
  local second
  while true; do
    for second in {1..10}; do sleep 1 >/dev/null 2>&1 || return; done
    kill -0 $$ 2>/dev/null || return
    say "still at it, $(du -sh "$UV_CACHE_DIR" 2>/dev/null | cut -f1) unpacked so far"
  done
}
