#!/bin/sh
# Installs the pi-opensync binary: curl -fsSL <releases>/latest/download/install.sh | sh
#
#   PI_OPENSYNC_VERSION   a release's tag such as v0.1.0; the latest unless set
#   PI_OPENSYNC_BIN       the folder to install into; ~/.local/bin unless set
#   PI_OPENSYNC_RELEASES  where the releases are
#
# It downloads one file, compares it with SHA256SUMS of the same release, and puts it in its place as
# a whole. It needs no rights but yours.
set -eu

# The release replaces this by the address of its repository.
releases=${PI_OPENSYNC_RELEASES:-@RELEASES@}
bin=${PI_OPENSYNC_BIN:-$HOME/.local/bin}
version=${PI_OPENSYNC_VERSION:-}

main() {
  case $releases in
    https://* | http://127.0.0.1:* | file:///*) ;;
    *) fail "this copy of the installer does not know where the releases are; set PI_OPENSYNC_RELEASES" ;;
  esac
  file=pi-opensync-$(platform)
  if [ -n "$version" ]; then from=$releases/download/$version; else from=$releases/latest/download; fi

  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "Downloading $file"
  download "$from/SHA256SUMS" "$scratch/SHA256SUMS"
  download "$from/$file" "$scratch/$file"
  verify "$scratch" "$file"

  mkdir -p "$bin"
  chmod 755 "$scratch/$file"
  # Within one folder, so that the old program is there until the new one is.
  cp "$scratch/$file" "$bin/.pi-opensync.new"
  mv -f "$bin/.pi-opensync.new" "$bin/pi-opensync"
  say "Installed $("$bin/pi-opensync" --version) as $bin/pi-opensync"
  case :$PATH: in
    *:"$bin":*) say "Next: pi-opensync setup" ;;
    *) say "Next: add $bin to your PATH, then run: pi-opensync setup" ;;
  esac
}

# The end of the file's name: system, processor, and the C library where it is musl.
platform() {
  case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) fail "there is no binary for $(uname -s); with Node 20 or newer: npx pi-opensync" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) processor=x64 ;;
    aarch64 | arm64) processor=arm64 ;;
    *) fail "there is no binary for $(uname -m); with Node 20 or newer: npx pi-opensync" ;;
  esac
  # A shell that Rosetta runs says x86_64 on an Apple processor.
  if [ $system = darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
    processor=arm64
  fi
  musl=
  if [ $system = linux ] && ldd --version 2>&1 | grep -qi musl; then musl=-musl; fi
  echo "$system-$processor$musl"
}

download() {
  if command -v curl >/dev/null; then
    curl -fsSL --proto '=https,http,file' --retry 3 -o "$2" "$1" || fail "could not download $1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1" || fail "could not download $1"
  else
    fail "neither curl nor wget is here to download with"
  fi
}

verify() {
  (
    cd "$1"
    wanted=$(grep "  $2\$" SHA256SUMS || true)
    [ -n "$wanted" ] || fail "SHA256SUMS of the release does not name $2"
    if command -v sha256sum >/dev/null; then echo "$wanted" | sha256sum -c - >/dev/null 2>&1
    elif command -v shasum >/dev/null; then echo "$wanted" | shasum -a 256 -c - >/dev/null 2>&1
    else fail "neither sha256sum nor shasum is here to check the download with"
    fi || fail "what was downloaded is not what the release holds; nothing was installed"
  )
}

say() { echo "pi-opensync: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

# At the end, so that half a download of this file does nothing.
main
