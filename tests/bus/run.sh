#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh DAEMON SOURCE SCRIPT [ARGUMENT…]: SCRIPT of the source tree, which uses the
# harness, in mount, PID and network namespaces of its own, with a system bus, a polkit
# and users that are there only for it. Several can run at a time: what they write outside
# of /run is in overlays, and in control groups of their own.
set -u
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root"
	exit 0
fi
for tool in dbus-daemon unshare gdbus setpriv /usr/lib/polkit-1/polkitd /usr/bin/python3; do
	command -v "$tool" >/dev/null || { echo "1..0 # SKIP needs $tool"; exit 0; }
done
daemon=$(realpath "$1") source=$(realpath "$2")
shift 2
slice=spbus$$.slice
unshare -m -p -n -f --mount-proc "$source/tests/bus/inside.sh" "$slice" "$daemon" "$source" "$@"
status=$?
# Control groups are not in a namespace: the fake sessions' are left over.
find /sys/fs/cgroup -depth -type d -path "*/$slice*" -exec rmdir {} \; 2>/dev/null
exit $status
