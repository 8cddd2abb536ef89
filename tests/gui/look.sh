#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# look.sh PICTURES FOLDER LOCALEDIR: the windows' pictures in every dress.
set -eu
program=$1 folder=$2 locales=$3
here=$(dirname "$0")
mkdir -p "$folder"

# take SUFFIX HOW [NAME=VALUE…]
take() {
	local suffix=$1 how=$2
	shift 2
	"$here/screen.sh" env "$@" "$program" "$folder" "$suffix" "$locales" "$how"
}

# They mostly wait: all at once.
pids=()
take light '' & pids+=($!)
take dark '' ADW_DEBUG_COLOR_SCHEME=prefer-dark & pids+=($!)
take contrast '' ADW_DEBUG_HIGH_CONTRAST=1 & pids+=($!)
take large large & pids+=($!)
take small large SCREEN=1366x768 & pids+=($!)
take german '' LANGUAGE=de & pids+=($!)
take rtl rtl & pids+=($!)
status=0
for pid in "${pids[@]}"; do
	wait "$pid" || status=1
done
exit $status
