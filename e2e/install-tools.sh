#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts the programs that end-to-end tests compare with into DIR/bin: cosign 2 and 3, crane, and two releases of the
# reference registry: docker-registry (the newer) and docker-registry-system (of this machine's own suite); oras;
# containerd with ctr; and workerd, an edge's runtime, from its npm package. The others are unpacked from Debian packages of the mirror that this
# machine's apt sources name, with an apt state of their own, so nothing is installed. skopeo has too many libraries for
# that: it comes from apt, and needs root once.
# usage: install-tools.sh DIR
set -euo pipefail

dir=${1:?usage: install-tools.sh DIR}
mkdir -p "$dir"/{bin,debs,apt/lists/partial,apt/cache/archives/partial,apt/state,apt/etc}
dir=$(cd "$dir" && pwd)

say() { echo "install-tools: $*" >&2; }

command -v apt-get > /dev/null || { say "no apt on this machine"; exit 1; }

unpack() { # PACKAGE_FILE PROGRAM NAME
  rm -rf "$dir/x"
  dpkg -x "$1" "$dir/x"
  install -m 0755 "$dir/x/usr/bin/$2" "$dir/bin/$3"
  rm -rf "$dir/x"
}

# An apt of its own that knows newer suites than the machine's.
open_newer_suites() {
  local mirror suite
  mirror=$( (cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null || true) | grep -v '^#' |
    grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ')
  [ -n "$mirror" ] || { say "no Debian mirror in this machine's apt sources"; return 1; }
  : > "$dir/apt/status"
  for suite in trixie sid; do echo "deb $mirror $suite main"; done > "$dir/apt/etc/sources.list"
  cat > "$dir/apt/apt.conf" << CONF
Dir::State "$dir/apt/state"; Dir::State::Lists "$dir/apt/lists"; Dir::State::status "$dir/apt/status";
Dir::Cache "$dir/apt/cache"; Dir::Etc::SourceList "$dir/apt/etc/sources.list"; Dir::Etc::SourceParts "/dev/null";
Acquire::Languages "none"; APT::Sandbox::User "root";
CONF
  APT_CONFIG="$dir/apt/apt.conf" apt-get update -qq
}

download_newer() { # PACKAGE/SUITE...
  (cd "$dir/debs" && APT_CONFIG="$dir/apt/apt.conf" apt-get download -qq "$@")
}

install_newer() {
  open_newer_suites
  download_newer cosign/trixie cosign/sid crane/sid docker-registry/trixie
  unpack "$dir"/debs/cosign_2*.deb cosign cosign2
  unpack "$dir"/debs/cosign_3*.deb cosign cosign3
  unpack "$dir"/debs/crane_*.deb crane crane
  unpack "$dir"/debs/docker-registry_*.deb docker-registry docker-registry
}

# The registry that `apt-get install docker-registry` would give here, unpacked instead of installed.
install_system_registry() {
  mkdir -p "$dir/system"
  rm -f "$dir"/system/*.deb
  (cd "$dir/system" && apt-get download -qq -o APT::Sandbox::User=root docker-registry)
  unpack "$dir"/system/docker-registry_*.deb docker-registry docker-registry-system
}

install_oras() {
  open_newer_suites && download_newer oras/sid && unpack "$dir"/debs/oras_*.deb oras oras
}

# Not in the lock file of the repository: it is 200 MB, and one test runs it.
install_workerd() {
  npm install --prefix "$dir/workerd" --no-audit --no-fund --no-save --loglevel=error workerd@1.20261117.1 > /dev/null || return 1
  ln -sf "$(find "$dir/workerd/node_modules/@cloudflare" -path '*/bin/workerd' -type f | head -n 1)" "$dir/bin/workerd"
}

# containerd stores what it pulls; nothing here runs a container.
install_containerd() {
  mkdir -p "$dir/containerd"
  rm -f "$dir"/containerd/*.deb
  (cd "$dir/containerd" && apt-get download -qq -o APT::Sandbox::User=root containerd)
  unpack "$dir"/containerd/containerd_*.deb containerd containerd
  unpack "$dir"/containerd/containerd_*.deb ctr ctr
}

# Debian's redis-server with the two libraries that it needs beside the usual ones.
install_redis() {
  local file
  rm -rf "$dir/redis"
  mkdir -p "$dir/redis"
  (cd "$dir/redis" && apt-get download -qq -o APT::Sandbox::User=root redis-tools libjemalloc2 liblzf1)
  for file in "$dir"/redis/*.deb; do dpkg -x "$file" "$dir/redis"; done
  cat > "$dir/bin/redis-server" << WRAPPER
#!/bin/sh
export LD_LIBRARY_PATH="\$(dirname "\$(find "$dir/redis/usr/lib" -name 'libjemalloc.so.2')")"
exec "$dir/redis/usr/bin/redis-server" "\$@"
WRAPPER
  ln -sf redis-check-rdb "$dir/redis/usr/bin/redis-server"
  chmod 0755 "$dir/bin/redis-server"
}

install_skopeo() {
  if [ "$(id -u)" != 0 ]; then
    say "skopeo is not installed and only root can install it: apt-get install skopeo"
    return 1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends skopeo > /dev/null 2>&1
}

lists=(/var/lib/apt/lists/*_Packages*)
if [ ! -e "${lists[0]}" ] && [ "$(id -u)" = 0 ]; then apt-get update -qq; fi
newer=(cosign2 cosign3 crane docker-registry)
for program in "${newer[@]}"; do
  [ -x "$dir/bin/$program" ] || { install_newer; break; }
done
[ -x "$dir/bin/docker-registry-system" ] || install_system_registry
[ -x "$dir/bin/redis-server" ] || install_redis
[ -x "$dir/bin/containerd" ] && [ -x "$dir/bin/ctr" ] || install_containerd
command -v skopeo > /dev/null || install_skopeo || true
[ -x "$dir/bin/oras" ] || install_oras || say "oras is missing"
[ -x "$dir/bin/workerd" ] || install_workerd || say "workerd is missing"

for program in "${newer[@]}" docker-registry-system redis-server containerd ctr; do
  [ -x "$dir/bin/$program" ] || { say "$program is missing"; exit 1; }
done
"$dir/bin/docker-registry" --version
"$dir/bin/docker-registry-system" --version
command -v skopeo > /dev/null && skopeo --version || say "skopeo is missing"
