#!/usr/bin/env bash
# Builds Tocsin's image on a machine that has no container engine and reaches no image registry, and proves it.
#
#   apt-get install --yes buildah debootstrap
#   deploy/build-without-engine.sh                  # then: deploy/run-without-engine.sh demo
#
# Debian 12 is unpacked into a base image by debootstrap, brought up to date, and given to the Dockerfile as BASE.
# This machine's pip settings (indexes, find-links, proxy, certificate) hold inside the build too, as build secrets and
# read-only mounts under /run/packages, so none of them stays in the image. Run it as root.
#
#   STORE        where images are kept             /var/tmp/tocsin-images (remove it to start afresh)
#   IMAGE        the image's name                  localhost/tocsin
#   MIRROR       where Debian comes from           http://deb.debian.org/debian
#   SECURITY     where its security updates are    http://deb.debian.org/debian-security
#   TORCH_INDEX  where torch's CPU build is        the Dockerfile's; set it empty if pip's own settings find one
set -euo pipefail

STORE=${STORE:-/var/tmp/tocsin-images}
IMAGE=${IMAGE:-localhost/tocsin}
MIRROR=${MIRROR:-http://deb.debian.org/debian}
SECURITY=${SECURITY:-http://deb.debian.org/debian-security}
BASE=localhost/tocsin-base
REPOSITORY=$(cd "$(dirname "$0")/.." && pwd)

die() { echo "build-without-engine: $*" >&2; exit 1; }
step() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }
store() { buildah --storage-driver vfs --root "$STORE" --runroot "$STORE/run" "$@"; }

[[ $(id -u) == 0 ]] || die "debootstrap needs root: run it with sudo"
for tool in buildah debootstrap; do
  command -v "$tool" >/dev/null || die "$tool is missing: apt-get install --yes buildah debootstrap"
done
[[ -n ${http_proxy:-} ]] || eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
[[ -z ${http_proxy:-} ]] || export http_proxy

scratch=$(mktemp -d)
container=
trap '[[ -z $container ]] || store rm "$container" >/dev/null; rm -rf "$scratch"' EXIT

if ! store inspect --type image "$BASE" >/dev/null 2>&1; then
  step "Debian 12 from $MIRROR"
  container=$(store from scratch)
  root=$(store mount "$container")
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root" "$MIRROR" >"$scratch/log" ||
    { tail -n 20 "$scratch/log" >&2; die "debootstrap failed"; }
  printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s bookworm-security main\n' \
    "$MIRROR" "$MIRROR" "$SECURITY" >"$root/etc/apt/sources.list"
  chroot "$root" sh -ec 'export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2 && apt-get upgrade --yes --quiet=2 >/dev/null && apt-get clean && rm -rf /var/lib/apt/lists/*'
  # The image belongs to no machine: neither its mirror, its resolver nor its name.
  sed -i -e "s|$SECURITY|http://deb.debian.org/debian-security|" -e "s|$MIRROR|http://deb.debian.org/debian|" \
    "$root/etc/apt/sources.list"
  rm -rf "$root"/etc/{hostname,resolv.conf} "$root"/var/log/{bootstrap.log,apt/*,dpkg.log} "$root"/var/cache/apt/*.bin
  store umount "$container" >/dev/null
  store config --cmd python3 "$container"
  store commit --quiet "$container" "$BASE" >/dev/null
  store rm "$container" >/dev/null
  container=
fi

# `pip config list` is the host's settings as pip itself merges them. Kept: what says where packages come from.
{ python3 -m pip config list 2>/dev/null || true; } | python3 -c '
import ast, os, sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

KEPT = {"index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "proxy", "timeout", "default-timeout", "retries"}
scratch, settings, folders = Path(sys.argv[1]), {}, []


def inside(place, is_index):
    """Where the build finds a place that pip is told of: what is no local folder stays where it is."""
    path = Path(unquote(urlsplit(place).path) if place.startswith("file:") else place)
    if not (path.is_absolute() and path.is_dir()):
        return place
    folders.append(path.parent if is_index else path)  # an index may keep its files beside itself
    return f"file:///run/packages/{len(folders)}/{path.name if is_index else str()}"


for line in sorted(sys.stdin, key=lambda line: line.startswith(":env:")):  # the environment has the last word
    name, _, value = line.strip().partition("=")
    section, _, key = name.rpartition(".")
    if section in {"global", "install", ":env:"}:
        settings[key] = ast.literal_eval(value)
certificate = settings.get("cert") or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
settings = {key: value.split() for key, value in settings.items() if key in KEPT}
for key in settings.keys() & {"index-url", "extra-index-url", "find-links"}:
    settings[key] = [inside(place, key != "find-links") for place in settings[key]]
if certificate and Path(certificate).is_file():
    (scratch / "ca.crt").write_bytes(Path(certificate).read_bytes())
    settings["cert"] = ["/run/secrets/ca.crt"]
lines = [f"{key} = " + "\n    ".join(values) for key, values in settings.items()]
(scratch / "pip.conf").write_text("\n".join(["[global]", *lines, ""]))
(scratch / "mounts").write_text("".join(f"{folder}:/run/packages/{n}:ro\n" for n, folder in enumerate(folders, 1)))
' "$scratch"

arguments=(--secret "id=pip.conf,src=$scratch/pip.conf")
[[ ! -e $scratch/ca.crt ]] || arguments+=(--secret "id=ca.crt,src=$scratch/ca.crt")
while read -r mount; do arguments+=(--volume "$mount"); done <"$scratch/mounts"
[[ -z ${TORCH_INDEX+set} ]] || arguments+=(--build-arg "TORCH_INDEX=$TORCH_INDEX")

step "$IMAGE"
store bud --isolation chroot --format docker --build-arg "BASE=$BASE" "${arguments[@]}" "$@" \
  --tag "$IMAGE" "$REPOSITORY"

step "built"
store images
