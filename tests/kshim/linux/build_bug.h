/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#include <assert.h>
#include <linux/compiler.h>
#ifndef static_assert
#define static_assert _Static_assert
#endif
#define BUILD_BUG_ON(x) _Static_assert(!(x), #x)

#endif
