/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See flows.h. */
#include <stdlib.h>
#include <string.h>
#include "flows.h"

#define FIRST	256	/* places */

struct sp_flow_list *sp_flow_list_new(void)
{
	return calloc(1, sizeof(struct sp_flow_list));
}

void sp_flow_list_free(struct sp_flow_list *list)
{
	size_t i;

	if (!list)
		return;
	for (i = 0; i < list->paths_count; i++)
		free(list->paths[i]);
	free(list->paths);
	free(list->flows);
	free(list);
}

static bool grow(struct sp_flow_list *list)
{
	size_t size = list->size ? list->size * 2 : FIRST;
	struct sp_listed_flow *flows;

	if (list->count < list->size)
		return true;
	if (size > SP_FLOW_LIST_MAX)
		return false;
	flows = reallocarray(list->flows, size, sizeof(*flows));
	if (!flows)
		return false;
	list->flows = flows;
	list->size = size;
	return true;
}

bool sp_flow_list_add(struct sp_flow_list *list, const struct sallyport_flow *flow,
		      const struct sallyport_counts *counts)
{
	struct sp_listed_flow *listed;

	if (!grow(list))
		return false;
	listed = &list->flows[list->count++];
	listed->flow = *flow;
	listed->counts = *counts;
	listed->path = "";
	return true;
}

static int by_image(const void *a, const void *b)
{
	uint64_t x = ((const struct sp_listed_flow *)a)->flow.image;
	uint64_t y = ((const struct sp_listed_flow *)b)->flow.image;

	return (x > y) - (x < y);
}

static size_t count_images(const struct sp_flow_list *list)
{
	size_t count = 0, i;

	for (i = 0; i < list->count; i++)
		count += !i || list->flows[i].flow.image != list->flows[i - 1].flow.image;
	return count;
}

bool sp_flow_list_name(struct sp_flow_list *list,
		       const char *(*path_of)(void *arg, uint64_t image), void *arg)
{
	const char *path;
	size_t i;

	if (!list->count)
		return true;
	qsort(list->flows, list->count, sizeof(*list->flows), by_image);
	list->paths = calloc(count_images(list), sizeof(*list->paths));
	if (!list->paths)
		return false;
	for (i = 0; i < list->count; i++) {
		struct sp_listed_flow *listed = &list->flows[i];

		if (!i || listed->flow.image != listed[-1].flow.image) {
			path = path_of(arg, listed->flow.image);
			list->paths[list->paths_count] = strdup(path ? path : "");
			if (!list->paths[list->paths_count])
				return false;
			list->paths_count++;
		}
		listed->path = list->paths[list->paths_count - 1];
	}
	return true;
}

void sp_flow_ref_of(const struct sallyport_flow *flow, struct sallyport_flow_ref *ref)
{
	memset(ref, 0, sizeof(*ref));
	ref->cookie = flow->cookie;
	memcpy(ref->remote, flow->remote, sizeof(ref->remote));
	ref->remote_port = flow->remote_port;
	ref->local_port = flow->local_port;
	ref->ifindex = flow->ifindex;
	ref->protocol = flow->protocol;
	ref->family = flow->family;
}
