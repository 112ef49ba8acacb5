#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the official conformance program of the OCI distribution specification (1.1, every group on) against the embedded
# registry, started through its command on a free port. Prints the counts; exits 1 unless every test passed: the program
# itself calls it a skip when a registry falls back on an optional interface, and with all groups on nothing may be skipped.
# Needs Go and its module proxy. Where either is missing it says so in one line and exits 0, or, with
# CONFORMANCE_REQUIRED=1, exits 1. CONFORMANCE_BIN names a program that is already there; CONFORMANCE_VERSION a revision.
# usage: e2e/conformance.sh [RESULTS_DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

not_run() {
  echo "conformance: not run: $1 (0 passed, 0 failed)"
  exit "${CONFORMANCE_REQUIRED:-0}"
}

work=$(mktemp -d)
results=${1:-$work/results}
registry=''
cleanup() {
  if [ -n "$registry" ]; then kill -TERM "$registry" 2>/dev/null && wait "$registry" || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

program=${CONFORMANCE_BIN:-}
if [ -z "$program" ]; then
  go=$(command -v go || { [ -x /usr/local/go/bin/go ] && echo /usr/local/go/bin/go; } || true)
  [ -n "$go" ] || not_run 'go is not here'
  module="github.com/opencontainers/distribution-spec/conformance@${CONFORMANCE_VERSION:-main}"
  GOBIN="$work" timeout 300 "$go" install "$module" >"$work/install.log" 2>&1 ||
    not_run "the program cannot be installed: $(tail -n 1 "$work/install.log")"
  program="$work/conformance"
fi

node libs/devstack/src/cli/main.ts registry --dir "$work/registry" >"$work/ready" &
registry=$!
for _ in $(seq 100); do
  [ -s "$work/ready" ] && break
  kill -0 "$registry" 2>/dev/null || { echo 'conformance: the registry did not start' >&2; exit 1; }
  sleep 0.1
done
host=$(sed -E 's|.*"url":"http://([^"]+)".*|\1|' "$work/ready")

mkdir -p "$results"
status=0
OCI_REGISTRY="$host" OCI_TLS=disabled OCI_VERSION=1.1 OCI_RESULTS_DIR="$results" \
  OCI_REPO1=conformance/repo1 OCI_REPO2=conformance/repo2 \
  OCI_API_MANIFESTS_TAG_PARAM=true OCI_API_MANIFESTS_DIGEST_HEADER=true \
  OCI_API_BLOBS_UPLOAD_CANCEL=true OCI_API_BLOBS_DIGEST_HEADER=true OCI_API_BLOBS_MOUNT_ANONYMOUS=true \
  OCI_API_REFERRER=true OCI_DATA_INDEX_LIST=true OCI_DATA_SUBJECT_MISSING=true OCI_DATA_SHA512=true \
  timeout 300 "$program" >"$work/output" 2>&1 || status=$?

# The program ends with 0 where it could not even start, so the report decides: every leaf of it is a test.
count() { { grep -oE '<testcase [^>]*' "$results/junit.xml" 2>/dev/null || true; } | grep -cE "status=\"$1\"" || true; }
passed=$(count passed)
failed=$(count '(failure|error)')
skipped=$(count skipped)
if [ "$passed" -eq 0 ] || [ "$failed" -gt 0 ] || [ "$skipped" -gt 0 ] || [ "$status" -ne 0 ]; then
  tail -n 200 "$work/output"
  [ "$((failed + skipped))" -gt 0 ] || failed=1
fi
echo "conformance: $passed passed, $((failed + skipped)) failed ($skipped of them skipped or disabled)"
[ "$((failed + skipped))" -eq 0 ]
