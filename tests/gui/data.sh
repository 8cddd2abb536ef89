#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# data.sh SOURCE BUILT: what desktops read is as they want it.
set -eu
desktop-file-validate "$2/sallyport-agent.desktop" "$1/org.sallyport.Sallyport.desktop"
appstreamcli validate --no-net "$1/org.sallyport.Sallyport.metainfo.xml"
# An unknown key is only a warning there; a program that isn't installed is none of ours.
if systemd-analyze --user verify "$2/sallyport-agent.service" 2>&1 |
	grep 'sallyport-agent.service' | grep -v 'is not executable\|Failed to'; then
	exit 1
fi
for icon in "$1"/icons/*.svg; do
	xmllint --nonet --noout "$icon"
done
