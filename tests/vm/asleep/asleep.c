// SPDX-License-Identifier: GPL-2.0
/*
 * The clocks as they are when the machine wakes after so many seconds of sleep: those
 * that count sleep go on, the others do not. It is the function by which resuming does
 * it. The machine itself can't sleep: its root is over 9p, which virtio does not freeze.
 *
 * It is not exported: where it is a probe says.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/time64.h>

static unsigned int seconds;
module_param(seconds, uint, 0);

static int __init begin(void)
{
	struct kprobe probe = { .symbol_name = "timekeeping_inject_sleeptime64" };
	const struct timespec64 slept = { .tv_sec = seconds };
	void (*inject)(const struct timespec64 *delta);
	int error = register_kprobe(&probe);

	if (error)
		return error;
	inject = (void *)probe.addr;
	unregister_kprobe(&probe);
	inject(&slept);
	return 0;
}

static void __exit end(void)
{
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Clocks as after a sleep, for tests");
