#!/bin/sh
# Builds the image and runs its own diagnosis inside. The base image of the Dockerfile's name is made
# here from Debian's archive, so that no container registry is asked.
set -eu
cd "$(dirname "$0")/.."
base=python:3.11-slim-bookworm
tag=ca-bridge:local

need=""
for program in buildah debootstrap; do
    command -v "$program" >/dev/null 2>&1 || need="$need $program"
done
if [ -n "$need" ]; then
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $need ca-certificates >/dev/null
fi

export BUILDAH_ISOLATION=chroot STORAGE_DRIVER="${STORAGE_DRIVER:-vfs}"
if ! buildah inspect --type image "localhost/$base" >/dev/null 2>&1; then
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase --include=python3.11,python3.11-venv,python3-pip,ca-certificates,libssl3 \
        bookworm "$root" >/dev/null
    # The certificates this machine trusts, so that the build reaches what this machine reaches.
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$root" / >/dev/null
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah commit --quiet "$container" "localhost/$base" >/dev/null
    buildah rm "$container" >/dev/null
fi

buildah build --network host --pull=never --format docker --tag "$tag" .
container=$(buildah from --pull-never "localhost/$tag")
status=0
buildah run --network host "$container" -- ca-bridge doctor || status=$?
buildah rm "$container" >/dev/null
exit $status
