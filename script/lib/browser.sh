# Finds or brings the browser of the end-to-end tests. Source common.sh first.
# shellcheck shell=bash

# find_chromium: sets and exports CHROMIUM, the path of an executable.
find_chromium() {
  local name
  if [[ -x ${CHROMIUM:-} ]]; then return; fi
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if CHROMIUM="$(command -v "$name")"; then
      export CHROMIUM
      return
    fi
  done
  if [[ $EUID == 0 ]] && command -v apt-get >/dev/null; then
    say "bringing Chromium from the distribution's packages"
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq --no-install-recommends chromium >/dev/null || true
  fi
  CHROMIUM="$(command -v chromium)" \
    || die "the end-to-end tests need Chromium. Install it (Debian: apt install chromium) or set" \
      "CHROMIUM to the path of a Chromium or Chrome, then try again."
  export CHROMIUM
}
