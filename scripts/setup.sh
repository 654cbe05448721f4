#!/usr/bin/env bash
# Installs what this machine lacks, and nothing that it has. Safe to run again: a second run takes a second.
#   scripts/setup.sh build   what `npm run build` and `npm run demo` need
#   scripts/setup.sh test    the same, and what `npm test` needs on top (two browsers, cargo-fuzz, the SDKs, the matrix's quick rows)
#   scripts/setup.sh www     what `npm run www` needs: the libraries of the pages
#   scripts/setup.sh matrix  what all of the matrix runs in (one more browser; Nodes, bundlers and frameworks: 2 GB)
# Cargo tools go into a folder of their own (scripts/env.sh), so nobody's global tools are replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-build}
. scripts/env.sh

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# A tool counts as present only at exactly the wanted version.
has() { command -v "$1" >/dev/null && "$1" --version 2>/dev/null | grep -qF "$2"; }

# A debug build without debug info: the CLIs run for well under a second either way, and this compiles fastest.
cargo_tool() { # binary, crate, version, further flags
  local bin=$1 crate=$2 version=$3; shift 3
  has "$bin" "$version" && return
  say "installing $crate $version (once; takes a few minutes)"
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$QUOTA_AWARE_TOOLS/build" \
    cargo install --quiet --debug --force --root "$QUOTA_AWARE_TOOLS" "$crate" --version "$version" "$@"
}

command -v cargo >/dev/null || fail "Rust is missing: https://rustup.rs"
command -v node >/dev/null || fail "Node.js 20 or newer is missing: https://nodejs.org"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
  fail "Node.js 20 or newer is needed, found $(node --version)"

if ! rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null | xargs -r ls >/dev/null 2>&1; then
  command -v rustup >/dev/null || fail "the Rust target wasm32-unknown-unknown is missing, and there is no rustup to add it"
  say "adding the Rust target wasm32-unknown-unknown"
  rustup target add wasm32-unknown-unknown
fi

# The packages of a folder's lock file, unless they are there already.
npm_packages() { # folder
  local folder=$1 hash
  hash=$(sha256sum "$folder/package-lock.json" | cut -c1-64)
  [ "$(cat "$folder/node_modules/.lock-hash" 2>/dev/null)" != "$hash" ] || return 0
  say "installing the npm packages of $folder/package-lock.json"
  (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
  printf %s "$hash" >"$folder/node_modules/.lock-hash"
}

npm_packages .

bindgen=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' Cargo.lock)
# No --locked here: the lock file that wasm-bindgen-cli ships names a dependency version that no longer resolves.
cargo_tool wasm-bindgen wasm-bindgen-cli "$bindgen"
cargo_tool wasm-pack wasm-pack 0.15.1 --locked

[ "$mode" != build ] || exit 0

if [ "$mode" = www ]; then
  npm_packages www
  exit 0
fi

debian() { # what it is for, packages...
  local what=$1; shift
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "$what is missing: install it (Debian: apt-get install $*)"
  say "installing $what from Debian"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

command -v "${CHROMIUM:-chromium}" >/dev/null || command -v google-chrome >/dev/null || debian Chromium chromium
command -v "${FIREFOX:-firefox-esr}" >/dev/null || command -v firefox >/dev/null || debian Firefox firefox-esr
npm_packages tests/matrix

if [ "$mode" = matrix ]; then
  command -v WebKitWebDriver >/dev/null || debian WebKitGTK webkit2gtk-driver
  command -v Xvfb >/dev/null || debian 'a screen for WebKitGTK' xvfb
  npm_packages tests/matrix/all
  exit 0
fi

npm_packages www
# 200 MB of other people's SDKs: a folder of their own, so that nobody waits for them who only wants to see the demo.
npm_packages tests/sdk
# A database, and the SDK of OpenTelemetry.
npm_packages tests/sinks
# And 150 MB of compilers and of tools that look at types.
npm_packages tests/types
cargo_tool cargo-fuzz cargo-fuzz 0.13.2 --locked
# What reads our metrics in earnest.
command -v promtool >/dev/null || debian promtool prometheus
# The relay is tested from Python, by its standard library.
command -v python3 >/dev/null || debian Python python3-minimal libpython3-stdlib
# The Python example calls by requests, and knows when midnight is in California. For another Python than Debian's: pip install requests tzdata.
python3 -c 'import requests, zoneinfo; zoneinfo.ZoneInfo("America/Los_Angeles")' 2>/dev/null ||
  debian 'requests for Python, with time zones (elsewhere: pip install requests tzdata)' python3-requests tzdata
