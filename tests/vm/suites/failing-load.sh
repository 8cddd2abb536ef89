#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel: debug
# vm: --no-daemon --smp 1 --timeout 600
#
# The kernel has no memory, at each place of the module's init in turn: it loads or says
# why not, and leaves nothing. What failing.sh does while it is spoken to. FIRST
# (tests/vm/run --env FIRST=750) passes over those before.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/failing.sh
. "$here/../lib/failing.sh"

ok 'allocations can be made to fail' prepare_failing
ok 'the module is unloaded' rmmod sallyport
# Without what is for a debugger, and with small tables: it is inserted hundreds of times.
# Going through with it takes grace periods of RCU, which can be had faster.
echo 1 >/sys/kernel/rcu_expedited
small_tables=$(printf '%s=1024 ' flows sockets images processes subjects verdicts)
ok 'a small copy of it' objcopy --strip-debug "$VM_MODULE" /run/sallyport.ko
walk 'the module is inserted' module /run/sallyport.ko "$small_tables" ${FIRST:+"$FIRST"}
fails 'it is gone again' test -d /sys/module/sallyport
ok 'and can be loaded' insmod /run/sallyport.ko

tap_done
