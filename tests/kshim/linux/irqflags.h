/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_IRQFLAGS_H
#define SHIM_LINUX_IRQFLAGS_H

#include <linux/compiler.h>

#define local_irq_save(flags) ((void)((flags) = shim_context.irq++))
#define local_irq_restore(flags) do {					\
	if (--shim_context.irq != (int)(flags))				\
		shim_bug("interrupts restored in the wrong order");	\
} while (0)

#endif
