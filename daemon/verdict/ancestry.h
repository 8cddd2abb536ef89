/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts of process instances: what they run, where they come from. An instance
 * never changes, so neither does what is here; it is a small cache.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "decide.h"
#include "sallyport.h"

#define SP_ANCESTRY_SLOTS	256

/* An instance and those it came from, nearest first; see SALLYPORT_CMD_PROCESS_GET. */
struct sp_chain {
	size_t count;
	struct sallyport_process links[SALLYPORT_CHAIN_MAX];
};

/* What a number of an image means. */
enum sp_path_state {
	SP_PATH_UNKNOWN,	/* it is not to be had */
	SP_PATH_NONE,		/* for sure no path of its own */
	SP_PATH_PROVEN,
};
/* @path: valid until the next call. */
typedef enum sp_path_state (*sp_path_of)(void *arg, uint64_t image, const char **path);

struct sp_ancestry;

struct sp_ancestries {
	struct sp_ancestry *slots[SP_ANCESTRY_SLOTS];
};

void sp_ancestry_clear(struct sp_ancestries *ancestries);
/*
 * False: not known here, or failed until @boot. Else script, parents, traced and
 * family are filled in, and @retry with when a failure is over; 0: it is none.
 */
bool sp_ancestry_fill(const struct sp_ancestries *ancestries, uint64_t process,
		      uint64_t boot, struct sp_facts *facts, uint64_t *retry);
/* Nothing was to be had of it; it may be tried again at @retry (boottime). */
void sp_ancestry_fail(struct sp_ancestries *ancestries, uint64_t process, uint64_t retry);
/* @chain has the instance itself at least. False: no memory. */
bool sp_ancestry_add(struct sp_ancestries *ancestries, const struct sp_chain *chain,
		     sp_path_of path_of, void *arg);
