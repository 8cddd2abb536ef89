#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# stat_names.sh HEADER: each counter of enum sallyport_stat with its name.
set -eu
sed -n '/^enum sallyport_stat {/,/^};/s/^\tSALLYPORT_STAT_\([A-Z0-9_]*\),.*/\1/p' "$1" |
while read -r counter; do
	printf '\t[SALLYPORT_STAT_%s] = "%s",\n' "$counter" \
		"$(echo "$counter" | tr A-Z_ a-z-)"
done
