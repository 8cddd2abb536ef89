#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 7200
# part: long
#
# soak.sh for an hour.

SOAK_SECONDS=1800
# shellcheck source=tests/vm/suites/soak.sh
. "$(dirname "${BASH_SOURCE[0]}")/soak.sh"
