// SPDX-License-Identifier: GPL-2.0
/* From the number of a cgroup to its path. */
#include <linux/cgroup.h>
#include <linux/err.h>

#include "cgroup.h"

int sp_cgroup_path(u64 id, char *path, size_t size)
{
	struct cgroup *cgroup = cgroup_get_from_id(id);
	int length;

	if (IS_ERR(cgroup))
		return PTR_ERR(cgroup);
	length = cgroup_path(cgroup, path, size);
	cgroup_put(cgroup);
	if (length < 0)
		return length;
	return length < size ? length : -ENAMETOOLONG;
}
