#!/usr/bin/env bash
# Installs what the tests need, builds them and runs every one. The last line is "N passed, N failed"; the exit status
# is 0 if none failed and at least one ran.
#   tests/run.sh [PRESET [ctest options]]      PRESET: dev (default), release, asan, tsan, clang
set -uo pipefail

cd "$(dirname "$0")/.." || exit 70
preset=${1:-dev}
shift $(($# > 0 ? 1 : 0))
jobs=$(nproc)
results=$PWD/build/$preset/results.xml

finish() {
  echo "$1 passed, $2 failed"
  [ "$2" -eq 0 ] && [ "$1" -gt 0 ]
  exit
}

cmake/install-dependencies.sh --with-tests </dev/null || finish 0 1
options=(-DPOSTFACH_TESTS=ON)
if command -v ccache >/dev/null; then
  options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  # What one clone has compiled serves the next one, wherever it lies.
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
fi
cmake --preset "$preset" "${options[@]}" </dev/null || finish 0 1
cmake --build "build/$preset" --parallel "$jobs" </dev/null || finish 0 1

rm -f "$results"
ctest --test-dir "build/$preset" --parallel "$jobs" --output-on-failure --output-junit "$results" "$@" </dev/null
# One line of attributes: tests="12" failures="0" disabled="0" skipped="1"
attribute() { sed -n "s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$results" 2>/dev/null | head -n 1; }
tests=$(attribute tests) failures=$(attribute failures) disabled=$(attribute disabled) skipped=$(attribute skipped)
[ -n "$tests" ] || finish 0 1
finish $((tests - failures - disabled - skipped)) "$failures"
