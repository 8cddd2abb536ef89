/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <linux/types.h>

static inline void get_random_bytes(void *buffer, size_t size)
{
	unsigned char *bytes = buffer;

	while (size--)
		*bytes++ = shim_random(256);
}

#define get_random_u32() shim_random(UINT32_MAX)

#endif
