/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as resolv.conf(5): name servers, each once, as many as there is room for. */
#include <stdlib.h>
#include <string.h>
#include "resolvers.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void must(gboolean so)
{
	if (!so)
		abort();
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct sp_resolver_list list = { 0 };
	char *copy = malloc(size + 1);	/* g_file_get_contents() ends it with a NUL */

	if (size)
		memcpy(copy, data, size);
	copy[size] = 0;
	sp_resolvers_parse(copy, size, &list);
	must(list.count <= SP_RESOLVERS_READ);
	for (gsize i = 0; i < list.count; i++)
		for (gsize j = 0; j < i; j++)
			must(memcmp(list.addresses[i], list.addresses[j], 16) != 0);
	free(copy);
	return 0;
}
