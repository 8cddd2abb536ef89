# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# How slow the machine is: VM_PACE is 1 on the usual kernels, more on one that checks
# itself (KERNEL_PACE in tests/lib/kernel.sh). For suites that do a thing very often.
#
#   fewer N     N times on the usual kernels, and so many fewer as it takes longer on
#               others: what is asked of each stays the same

fewer() { echo $((($1 + VM_PACE - 1) / VM_PACE)); }
