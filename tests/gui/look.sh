#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# look.sh PICTURES FOLDER LOCALEDIR: the windows' pictures in every dress.
set -eu
program=$1 folder=$2 locales=$3
mkdir -p "$folder"

# take SUFFIX DIRECTION [NAME=VALUE…]
take() {
	local suffix=$1 direction=$2
	shift 2
	xvfb-run -a -s "-screen 0 1400x1600x24 -nolisten tcp" \
		env LC_ALL=C.UTF-8 GSK_RENDERER=cairo GDK_BACKEND=x11 GSETTINGS_BACKEND=memory \
		GTK_A11Y=none "$@" "$program" "$folder" "$suffix" "$direction" "$locales"
}

take light ltr
take dark ltr ADW_DEBUG_COLOR_SCHEME=prefer-dark
take contrast ltr ADW_DEBUG_HIGH_CONTRAST=1
take large ltr GDK_DPI_SCALE=2
take german ltr LANGUAGE=de
take rtl rtl
