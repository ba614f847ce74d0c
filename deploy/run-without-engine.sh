#!/usr/bin/env bash
# Runs the image that build-without-engine.sh made, as an engine would run it at its strictest, to prove that it can:
# its own user without a single capability, root filesystem read-only, /tmp and /data in memory, and no network but
# loopback.
#
#   deploy/run-without-engine.sh demo
#   deploy/run-without-engine.sh --version
#
# Arguments replace the image's CMD. STORE and IMAGE as in build-without-engine.sh. Run it as root.
set -euo pipefail

STORE=${STORE:-/var/tmp/tocsin-images}
IMAGE=${IMAGE:-localhost/tocsin}

die() { echo "run-without-engine: $*" >&2; exit 1; }
store() { buildah --storage-driver vfs --root "$STORE" --runroot "$STORE/run" "$@"; }

[[ $(id -u) == 0 ]] || die "mounts need root: run it with sudo"
for tool in buildah unshare ip python3; do
  command -v "$tool" >/dev/null || die "$tool is missing: apt-get install --yes buildah util-linux iproute2 python3"
done

container=$(store from --pull-never "$IMAGE") || die "no image $IMAGE in $STORE: deploy/build-without-engine.sh makes it"
trap 'store rm "$container" >/dev/null' EXIT
root=$(store mount "$container")

# The image's own word on its user, environment and command.
mapfile -d '' -t image < <(store inspect --type image "$IMAGE" | python3 -c '
import json, sys
config = json.load(sys.stdin)["OCIv1"]["config"]
arguments = [*config["Entrypoint"], *(sys.argv[1:] or config["Cmd"])]
sys.stdout.write("".join(f"{word}\0" for word in [config["User"], config["WorkingDir"], *config["Env"], "--", *arguments]))
' "$@")
IFS=: read -r user group <<<"${image[0]}"

# shellcheck disable=SC2016  # expanded by the inner shell
unshare --mount --pid --net --ipc --uts --fork --kill-child --propagation private bash -euc '
  root=$1 user=$2 group=$3 folder=$4; shift 4
  variables=(); while [[ $1 != -- ]]; do variables+=("$1"); shift; done; shift
  ip link set lo up
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
  mount -t tmpfs -o nosuid,nodev,mode=1777,size=256m tmpfs "$root/tmp"
  mount -t tmpfs -o "nosuid,nodev,mode=0750,uid=$user,gid=$group,size=256m" tmpfs "$root/data"
  mount -t tmpfs -o nosuid,mode=0755,size=1m tmpfs "$root/dev"
  for device in null zero full random urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
  mkdir -m 1777 "$root/dev/shm"
  exec env -i "${variables[@]}" chroot "$root" sh -c '\''cd "$1"; shift; exec "$@"'\'' sh "$folder" \
    setpriv --reuid "$user" --regid "$group" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
' bash "$root" "$user" "$group" "${image[@]:1}"
