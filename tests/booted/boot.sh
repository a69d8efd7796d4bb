#!/bin/bash
# Boots the Debian in a folder, in a mount namespace that is thrown away with all that is mounted here.
#
# $1  systemd-nspawn
# $2  the folder
set -euo pipefail
mount --make-rprivate /
# Whatever hierarchies this machine has: the one below is systemd's alone. What nspawn leaves in /run goes with it.
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run

group=/sys/fs/cgroup/syncd-tests-$$
mkdir "$group"
trap 'find "$group" -depth -type d -exec rmdir {} ";"' EXIT
trap : TERM # nspawn hears it, and then its end is awaited here

# Everything that only a sandbox would keep from it is open, so that a refusal in there is the unit's own doing.
/bin/bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" \
    env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network \
    "$1" --boot --directory="$2" --keep-unit --register=no --private-network --console=pipe --link-journal=no \
    --capability=all --system-call-filter=@known --notify-ready=yes
