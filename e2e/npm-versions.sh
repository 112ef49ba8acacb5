#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that a fresh clone installs with npm 10, 11 and 12, started by whatever Node this machine has: the lock file
# is complete and names no download address, and Node 24 arrives with the other packages.
# usage: npm-versions.sh [VERSION...]   last line: "N passed, N failed"
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
versions=("${@:-}")
[ -n "${versions[0]}" ] || versions=(10 11 12)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The user's own Node starts npm, not the one that the repository brings.
PATH=$(tr ':' '\n' <<< "$PATH" | grep -v 'node_modules/.bin$' | grep -v 'node-gyp-bin$' | paste -sd:)
export PATH
while read -r name; do unset "$name"; done < <(compgen -e | grep -iE '^npm_(lifecycle|package|command|execpath|node_execpath)')

passed=0
failed=0
verdict() { # NAME STATUS
  if [ "$2" = 0 ]; then passed=$((passed + 1)); echo "ok   $1"; else failed=$((failed + 1)); echo "FAIL $1"; fi
}

! grep -q '"resolved": "http' "$root/package-lock.json"
verdict "the lock file names no download address" $?

for version in "${versions[@]}"; do
  clone="$work/npm-$version"
  log="$work/npm-$version.log"
  git clone -q --no-hardlinks "$root" "$clone" 2> "$log"
  (cd "$clone" && timeout -k 5 240 npx --yes "npm@$version" ci) >> "$log" 2>&1
  status=$?
  used=$(cd "$clone" && timeout 60 npx --yes "npm@$version" --version 2> /dev/null)
  node=$("$clone/node_modules/.bin/node" --version 2>> "$log")
  [ "$status" = 0 ] && [[ "$used" == "$version".* && "$node" == v24.* ]]
  ok=$?
  verdict "npm ${used:-$version} ci on Node $(node --version) brings Node ${node:-none}" "$ok"
  [ "$ok" = 0 ] || tail -n 20 "$log"
  rm -rf "$clone"
done

echo "npm versions: $passed passed, $failed failed"
[ "$failed" = 0 ]
