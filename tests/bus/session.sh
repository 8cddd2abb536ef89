#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# session.sh ID UID ACTIVE(0|1|none) COMMAND…: runs COMMAND as UID in a login
# session that polkitd believes in ("none": in no session).
set -eu
id=$1 uid=$2 active=$3
shift 3
if [ "$active" != none ]; then
	state=online
	[ "$active" = 1 ] && state=active
	for root in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[ -e "$root/cgroup.procs" ] || continue
		scope=$root/$(cat /run/test/slice)/user-$uid.slice/session-$id.scope
		mkdir -p "$scope" && echo $BASHPID > "$scope/cgroup.procs"
	done
	printf '%s\n' "UID=$uid" "USER=$(id -nu "$uid")" "ACTIVE=$active" "STATE=$state" \
		IS_DISPLAY=1 REMOTE=0 TYPE=wayland CLASS=user "LEADER=$$" SEAT=seat0 \
		> "/run/systemd/sessions/$id"
	{
		printf '%s\n' "NAME=$(id -nu "$uid")" "STATE=$state" "DISPLAY=$id" \
			"SESSIONS=$id" SEATS=seat0 "ONLINE_SESSIONS=$id"
		[ "$active" != 1 ] || printf '%s\n' "ACTIVE_SESSIONS=$id" ACTIVE_SEATS=seat0
	} > "/run/systemd/users/$uid"
	export XDG_SESSION_ID=$id
fi
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
