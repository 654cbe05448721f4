#!/usr/bin/env bash
# Everything that CI runs, in its order; stops at the first failure. FUZZ_SECONDS (10) is how long the classifier is fuzzed,
# PROPTEST_CASES how many random runs each property gets.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# A step's function says `|| return` or `&&` itself: bash ignores -e in whatever stands before an `||`.
step() { # what it shows, command...
  local title=$1 began=$SECONDS; shift
  printf '\n== %s\n' "$title"
  "$@" || { printf '\n== FAILED after %d s: %s\n' $((SECONDS - began)) "$title"; exit 1; }
  printf '== %d s: %s\n' $((SECONDS - began)) "$title"
}

lints() {
  cargo fmt --check || return
  cargo clippy --quiet --all-targets -- -D warnings || return
  # A target folder of its own would compile everything twice; the flags are the same, so cargo keeps both side by side.
  cargo clippy --quiet --lib --target wasm32-unknown-unknown -- -D warnings
}

# Scripts that no test runs: a slip there would wait for whoever runs them next. Benches take minutes and stay out.
syntax() {
  local file
  for file in benches/*/*.mjs benches/*/*/*.mjs examples/*.mjs examples/*/*.mjs scripts/*.mjs scripts/*/*.mjs tests/matrix/*.mjs; do
    node --check "$file" || return
  done
}

fuzz() {
  # Stable Rust with the switch for coverage feedback, so that no second toolchain is needed. Without the address
  # sanitizer it runs ten times as many inputs, and the crate has no unsafe code for that to watch.
  RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none classify -- -max_total_time="${FUZZ_SECONDS:-10}" -print_final_stats=1
}

# The tarball as a release would pack it, installed into an empty project: the rooms below test that, not our folders.
install() {
  local project
  project=$(mktemp -d) || return
  trap 'rm -rf "'"$project"'"' EXIT
  (cd "$project" && npm pack --silent "$OLDPWD/pkg" >/dev/null && echo '{"private":true}' >package.json &&
    npm install --silent --offline --no-audit --no-fund ./*.tgz) || return
  export QUOTA_AWARE_PACKAGE=$project/node_modules/quota-aware-api
}

step 'what this machine lacks is installed' bash scripts/setup.sh test
step 'formatting and lints, natively and for wasm32' lints
step 'benches, examples and scripts are JavaScript' syntax
step 'the pure rooms: engine, provider, options, plan' cargo test --quiet
step 'the package builds' node scripts/build.mjs --if-needed
step 'the tarball installs into an empty project' install
for room in mock js sinks metrics edge clock soak workshop sdk types package release browser examples dashboard www; do
  step "tests/$room" node --test --test-reporter=spec tests/"$room"/*.test.js
done
step 'the matrix: its quick rows' node tests/matrix/index.mjs --quick
step 'the classifier survives any bytes' fuzz
printf '\nEverything passed in %d s.\n' "$SECONDS"
