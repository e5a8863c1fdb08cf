#!/usr/bin/env bash
# Real engines of containers for the tests: Podman and Docker, each with data of its own below a folder, and the image of the
# tests. Needs root, and the programs that .ci/run installs.
#
#   tools/scripts/test-engines.sh "podman docker" COMMAND...    runs it with GATEHOUSE_TEST_PODMAN and GATEHOUSE_TEST_DOCKER
set -u
[ $# -ge 2 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
names=$1
shift
folder=$(mktemp -d)
# The name is also in packages/container-runtime/src/node/engine/engine-subject.fixture.ts.
image=gatehouse-test

# `exec` keeps the number that stop signals; the engine must not hold the caller's pipe open.
start() {
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 </dev/null &
  echo $! >"$folder/$name.pid"
  for _ in {1..100}; do
    [ "$(curl -s --max-time 5 --unix-socket "$folder/$name.sock" http://engine/_ping)" = OK ] && break
    kill -0 "$(cat "$folder/$name.pid")" 2>/dev/null || break
    sleep 0.1
  done
  if import "$name"; then
    export "GATEHOUSE_TEST_${name^^}=$folder/$name.sock"
  else
    echo "No $name could be started: its tests are skipped." >&2
    tail -n 5 "$folder/$name.log" >&2
  fi
}

# An image of busybox, bash and Node. Podman 4.3.1 knows no tag here, so it is the latest.
import() {
  local status
  status=$(curl -s --max-time 60 --output "$folder/import.log" --write-out '%{http_code}' --unix-socket "$folder/$1.sock" \
    --header content-type:application/x-tar --data-binary "@$folder/image.tar" \
    "http://engine/v1.41/images/create?fromSrc=-&repo=$image")
  [ "$status" = 200 ] || { cat "$folder/import.log" >&2; return 1; }
}

make_image() {
  local root=$folder/image
  mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp}
  chmod 1777 "$root/tmp"
  # Podman makes these files in an image that has none.
  echo root:x:0:0:root:/:/bin/sh >"$root/etc/passwd"
  echo root:x:0: >"$root/etc/group"
  cp "$(command -v busybox)" "$root/bin/busybox" || return 1
  "$root/bin/busybox" --install -s "$root/bin" || return 1
  for link in "$root"/bin/*; do [ -L "$link" ] && ln -sf busybox "$link"; done
  add_program "$(command -v node)" /usr/local/bin/node || return 1
  # Builds of packages begin with these two, which a Debian image has.
  add_program "$(command -v timeout)" /bin/timeout || return 1
  add_program "$(command -v setpriv)" /bin/setpriv || return 1
  # Claude Code starts its tools by bash, and is linked with librt, which Node is not.
  add_program "$(command -v bash)" /bin/bash || return 1
  local rt
  rt=$(ldconfig -p | awk '/librt\.so\.1 / { print $NF; exit }')
  [ -z "$rt" ] || install -D "$rt" "$root$rt" || return 1
  tar -C "$root" -cf "$folder/image.tar" .
}

# A program of this machine, with the libraries that it is linked with.
add_program() {
  install -D "$1" "$root$2" || return 1
  ldd "$1" | grep -oE '/[^ ]+' | while read -r library; do install -D "$library" "$root$library"; done
}

start_podman() {
  command -v podman >/dev/null || { echo "There is no podman: its tests are skipped." >&2; return; }
  # Measured with Podman 4.3.1 in a machine without systemd.
  cat >"$folder/containers.conf" <<CONF
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
CONF
  CONTAINERS_CONF=$folder/containers.conf start podman podman --root "$folder/podman" --runroot "$folder/podman-run" \
    --tmpdir "$folder/podman-tmp" system service --time=0 "unix://$folder/podman.sock"
}

start_docker() {
  command -v dockerd >/dev/null || { echo "There is no dockerd: its tests are skipped." >&2; return; }
  start docker dockerd --host "unix://$folder/docker.sock" --data-root "$folder/docker" --exec-root "$folder/docker-run" \
    --pidfile "$folder/dockerd.pid" --storage-driver=overlay2 --iptables=false --ip6tables=false --ip-masq=false \
    --bridge=none --default-ulimit nofile=1024:1024 --exec-opt native.cgroupdriver=cgroupfs --live-restore
}

# A test that failed may have left containers, and they outlive their engine.
remove_containers() {
  local engine=http://engine/v1.41 id
  for id in $(curl -s --max-time 20 --unix-socket "$1" "$engine/containers/json?all=true" |
    grep -oE '"Id":"[0-9a-f]{64}"' | cut -d '"' -f 4); do
    curl -s --max-time 20 --unix-socket "$1" -X DELETE "$engine/containers/$id?force=true" >/dev/null
  done
}

stop() {
  local name pid
  for name in $names; do
    [ -f "$folder/$name.pid" ] || continue
    remove_containers "$folder/$name.sock"
    pid=$(cat "$folder/$name.pid")
    kill "$pid" 2>/dev/null
    for _ in {1..100}; do kill -0 "$pid" 2>/dev/null && sleep 0.1; done
  done
  # The engines leave mounts behind.
  awk -v below="$folder/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf --one-file-system "$folder"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

if make_image; then
  for name in $names; do "start_$name"; done
else
  echo "There is no busybox: the tests of containers are skipped." >&2
fi
"$@"
