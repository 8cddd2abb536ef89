#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# screen.sh COMMAND…: runs it on a virtual screen of its own, in a fixed language,
# font size and look, whatever this machine has (of the size SCREEN, in pixels). Its status
# is the command's.
set -u
folder=$(mktemp -d)
mkfifo "$folder/number"
# Not reset when a client goes: the next one would meet a server that is away.
Xvfb -displayfd 3 -screen 0 "${SCREEN:-1400x1600}x24" -nolisten tcp -noreset 3>"$folder/number" 2>/dev/null &
server=$!
trap 'kill "$server"; rm -rf "$folder"' EXIT
read -r number <"$folder/number" || exit 1
env DISPLAY=":$number" LC_ALL="${LC_ALL:-C.UTF-8}" GSK_RENDERER=cairo GDK_BACKEND=x11 \
	GSETTINGS_BACKEND=memory GTK_A11Y=none G_DEBUG=fatal-criticals \
	DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere "$@" # else each program starts one that stays
