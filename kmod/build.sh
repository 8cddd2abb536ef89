#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh HEADERS OUTPUT FOLDER SOURCE…: builds the module in FOLDER from copies
# of the sources that changed. Extra arguments for make in $KBUILD_ARGS.
set -eu
headers=$1 output=$(realpath -m "$2") folder=$3
shift 3
mkdir -p "$folder/uapi"
folder=$(realpath "$folder")
for source; do
	case $source in
	*/uapi/*) copy=$folder/uapi/${source##*/} ;;
	*) copy=$folder/${source##*/} ;;
	esac
	cmp -s "$source" "$copy" || cp "$source" "$copy"
done
# shellcheck disable=SC2086 # several words on purpose
if ! make -s -C "$headers" M="$folder" W=1 ${KBUILD_ARGS-} modules >"$folder/build.log" 2>&1; then
	cat "$folder/build.log" >&2
	exit 1
fi
grep -v 'BTF' "$folder/build.log" >&2 || true
# A machine may be loading the one that is there.
cmp -s "$folder/${output##*/}" "$output" || cp "$folder/${output##*/}" "$output"
