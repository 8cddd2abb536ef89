/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include <errno.h>
#include <sys/cdefs.h>
#include "../shim.h"

#define __force
#define noinline __attribute__((noinline))
#define __aligned(n) __attribute__((aligned(n)))
#define __packed __attribute__((packed))
#define __must_check __attribute__((warn_unused_result))
#define __read_mostly
#define __ro_after_init
#define __init
#define __exit
#define __rcu

#define likely(x) (x)
#define unlikely(x) (x)
#define barrier() __asm__ __volatile__("" ::: "memory")

#define READ_ONCE(x) ({							\
	shim_point();							\
	*(const volatile __typeof__(x) *)&(x);				\
})
#define WRITE_ONCE(x, value) do {					\
	shim_point();							\
	*(volatile __typeof__(x) *)&(x) = (value);			\
} while (0)

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)

#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX

#define WARN_ON(x) ({						\
	bool warn_ = (x);					\
	if (warn_)						\
		shim_bug("WARN_ON(%s)", #x);			\
	warn_;							\
})
#define WARN_ON_ONCE(x) WARN_ON(x)

#endif
