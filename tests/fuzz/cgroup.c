/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any path of a cgroup: its text ends, and a user's word is always known as such. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cgroup.h"

static void must(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_cgroup cgroup;
	char *path = malloc(size + 1);

	if (size)
		memcpy(path, data, size);
	path[size] = 0;
	if (sp_cgroup_parse(path, &cgroup)) {
		must(memchr(cgroup.unit, 0, sizeof(cgroup.unit)) != NULL);
		must(memchr(cgroup.app, 0, sizeof(cgroup.app)) != NULL);
		must(memchr(cgroup.container, 0, sizeof(cgroup.container)) != NULL);
		if (cgroup.claimed)
			must(!strncmp(cgroup.unit, "user:", 5) && strstr(path, "/user@"));
	}
	free(path);
	return 0;
}
