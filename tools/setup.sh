#!/bin/sh
# Makes the virtual environment named in $1 from uv.lock; with --servers, finds the servers tests need. Installs Debian packages that are missing
# (as root or through sudo); says what to install where it may not.
set -eu
venv=$1

say() { printf '%s\n' "$*" >&2; }

install_packages() {
    if ! command -v apt-get >/dev/null 2>&1; then
        say "please install: $* / 请安装：$*"
        return 1
    fi
    run=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || { say "please install as root: $* / 请以 root 安装：$*"; return 1; }
        run=sudo
    fi
    say "installing / 正在安装: $*"
    $run apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ "$venv" = --servers ]; then # what the tests start and stop themselves
    missing=""
    [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || missing="$missing postgresql"
    [ -e /usr/lib/softhsm/libsofthsm2.so ] && command -v softhsm2-util >/dev/null 2>&1 || missing="$missing softhsm2"
    command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
    [ -e /usr/include/openssl/evp.h ] || missing="$missing libssl-dev"
    # shellcheck disable=SC2086  # a list of names
    [ -z "$missing" ] || install_packages $missing
    exit 0
fi

python=""
for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { install_packages python3 python3-venv && python=python3; }

missing=""
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
"$python" -c 'import ctypes; ctypes.CDLL("libcrypto.so.3")' 2>/dev/null || missing="$missing libssl3"
command -v git >/dev/null 2>&1 || missing="$missing git"
command -v curl >/dev/null 2>&1 || missing="$missing curl"
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
# shellcheck disable=SC2086  # a list of names
[ -z "$missing" ] || install_packages $missing

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/uv.txt
# The certificates of the system count, so that a machine behind its own gateway works too.
UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=$venv "$venv/bin/uv" sync --quiet --frozen --inexact
say "ready / 就绪: $venv/bin/ca-bridge"
