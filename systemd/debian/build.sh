#!/bin/bash
# Builds syncd_VERSION_ARCHITECTURE.deb for this machine's release of Debian: the wheels that syncd needs are those
# for its /usr/bin/python3, at the locked versions.
#
# PIP  a pip of version 22.3 or newer (pip)
# OUT  the folder to put it in (dist)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
umask 022
python=/usr/bin/python3
pip=${PIP:-pip}
out=${OUT:-dist}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"

ask() { "$python" -c "import sys, tomllib; $1"; }

put() { install -D --mode="$1" "${@:2}"; }

code() {
    "$pip" --python "$python" install --quiet --disable-pip-version-check --root-user-action=ignore \
        --only-binary=:all: --constraint requirements.lock --target "$tree/usr/lib/syncd" .
    # Commands of other packages, and syncd's own for a virtual environment.
    rm -r "$tree/usr/lib/syncd/bin"
    put 755 "$here/syncd" "$tree/usr/bin/syncd"
}

settings() {
    install -d --mode=750 "$tree"/etc/syncd{,/bridges}
    put 640 config/syncd.env "$tree/etc/syncd/syncd.env"
    put 644 --target-directory="$tree/usr/lib/systemd/system" systemd/syncd.{service,socket}
}

words() {
    local doc=$tree/usr/share/doc/syncd
    put 644 --target-directory="$doc" README.md
    put 644 --target-directory="$doc/examples" config/*.env systemd/addresses.conf
    put 644 "$here/copyright" "$doc/copyright"
    sed 's/^$/./; s/^/ /' LICENSE >>"$doc/copyright"
    put 644 CHANGELOG.md "$doc/changelog"
    put 644 --target-directory="$tree/usr/share/man/man1" "$here/syncd.1"
    gzip --best --no-name "$doc/changelog" "$tree/usr/share/man/man1/syncd.1"
}

about() {
    put 755 --target-directory="$tree/DEBIAN" "$here"/{postinst,prerm,postrm}
    put 644 --target-directory="$tree/DEBIAN" "$here"/{conffiles,control}
    sed --in-place \
        -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$(du -sk "$tree" | cut -f1)/" \
        -e "s/@PYTHON@/$(ask 'print("3.%d" % sys.version_info[1])')/" \
        -e "s/@NEXT_PYTHON@/$(ask 'print("3.%d" % (sys.version_info[1] + 1))')/" "$tree/DEBIAN/control"
}

version=$(ask 'print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
architecture=$(dpkg --print-architecture)
code
settings
words
about
mkdir -p "$out"
# xz would take a minute more to make it a third smaller.
dpkg-deb -Zgzip --root-owner-group --build "$tree" "$out/syncd_${version}_$architecture.deb"
