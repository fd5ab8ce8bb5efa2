# Makes and keeps the two locked environments. Source common.sh and python.sh first.
# shellcheck shell=bash

# These exist only as C++ source. Home Assistant's voice assistant wants them; nothing here does.
COMPILED_PACKAGES=(pymicro-vad pyspeex-noise)

# ensure_environments [test] [run]: makes the named environments, both by default, unless they are
# there and up to date already.
ensure_environments() {
  local name stale=()
  (($#)) || set -- test run
  for name in "$@"; do up_to_date "$name" || stale+=("$name"); done
  if ((${#stale[@]})); then
    mkdir -p "$CACHE"
    with_lock make_environments "${stale[@]}"
  fi
}

environment_folder() { if [[ $1 == test ]]; then echo "$TEST_ENV"; else echo "$RUN_ENV"; fi; }

environment_stamp() { fingerprint "$1" "$(<"$ROOT/uv.lock")"; }

up_to_date() {
  local folder
  folder="$(environment_folder "$1")"
  # The interpreter is tried as well: it may be gone since.
  fresh "$folder/.complete" "$(environment_stamp "$1")" && "$folder/bin/python" -c '' 2>/dev/null
}

make_environments() {
  local name
  find_uv
  find_python
  # Another script may have made one while this one waited for the lock.
  for name in "$@"; do up_to_date "$name" || make_environment "$name"; done
}

make_environment() {
  local folder options=(--quiet)
  folder="$(environment_folder "$1")"
  # Without its stamp an environment may be half of one.
  [[ -f $folder/.complete ]] || rm -rf "$folder"
  rm -f "$folder/.complete"
  say "installing the environment ${folder#"$ROOT"/}"
  if [[ $1 == run ]] && ! can_compile; then
    say "without a C++ compiler the voice assistant is left out (${COMPILED_PACKAGES[*]})"
    options+=("${COMPILED_PACKAGES[@]/#/--no-install-package=}")
  fi
  UV_PROJECT_ENVIRONMENT="$folder" with_signs_of_life \
    "$UV" sync --project "$ROOT" --python "$PYTHON" --frozen --no-default-groups --group "$1" \
    "${options[@]}" || die "${folder#"$ROOT"/} could not be made. Check the network and try again."
  environment_stamp "$1" >"$folder/.complete"
}

# A compiler and Python's headers, which in the unpacked interpreter have to be shown the way.
can_compile() {
  if [[ $PYTHON == "$DEBIAN_PYTHON"/* ]]; then export CPATH="$DEBIAN_PYTHON/usr/include"; fi
  command -v c++ >/dev/null && echo '#include <Python.h>' \
    | c++ -x c++ -fsyntax-only -I"$("$PYTHON" -c 'import sysconfig as s; print(s.get_path("include"))')" \
      - 2>/dev/null
}

# with_lock COMMAND...: two scripts started at once do not build the same thing twice.
with_lock() {
  if command -v flock >/dev/null; then
    exec 9>"$CACHE/.lock"
    flock 9
    "$@"
    exec 9>&-
  else
    "$@"
  fi
}
