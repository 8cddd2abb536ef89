/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cgroups of the unified hierarchy. A number is never used again as long as the
 * machine runs, and a cgroup can't get another name or place.
 */
#ifndef _SALLYPORT_CGROUP_H
#define _SALLYPORT_CGROUP_H

#include <linux/types.h>

/*
 * Its path from the root of the hierarchy, "/" being the root itself, with a NUL
 * that is not counted: the length; -ENOENT: there is none (any more),
 * -ENAMETOOLONG. Process context.
 */
int sp_cgroup_path(u64 id, char *path, size_t size);

#endif
