/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of flows as the kernel has them, with their programs' paths. Plain memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sallyport.h"

#define SP_FLOW_LIST_MAX	(1u << 17)	/* twice the kernel's table */

struct sp_listed_flow {
	struct sallyport_flow flow;
	struct sallyport_counts counts;
	const char *path;	/* of the list; "": not known */
};

struct sp_flow_list {
	int64_t real, boot;	/* ns: when it was made, by both clocks */
	size_t count, size;
	struct sp_listed_flow *flows;
	size_t paths_count;
	char **paths;		/* one for each image */
};

/* NULL: no memory. */
struct sp_flow_list *sp_flow_list_new(void);
void sp_flow_list_free(struct sp_flow_list *list);

/* False: no memory, or there are too many. */
bool sp_flow_list_add(struct sp_flow_list *list, const struct sallyport_flow *flow,
		      const struct sallyport_counts *counts);
/*
 * After the last addition: orders them by image and has @path_of tell each one's
 * path once; NULL: not known. False: no memory.
 */
bool sp_flow_list_name(struct sp_flow_list *list,
		       const char *(*path_of)(void *arg, uint64_t image), void *arg);

/* What SALLYPORT_CMD_FLOW_END calls it. */
void sp_flow_ref_of(const struct sallyport_flow *flow, struct sallyport_flow_ref *ref);
