/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that find out for the verdict thread what takes reading of files. What is
 * under way is bounded, also for each user. Files whose sums are wanted are read by one
 * thread, a piece of each user's oldest in turn: large ones hold up their own user. One
 * that can't be read to its end (a network's, a broken disk's) holds up sums, no more.
 */
#pragma once

#include "index.h"
#include "source.h"

#define SP_WORKERS		2
#define SP_WANTS_MAX		256	/* under way */
#define SP_WANTS_USER_MAX	64	/* … of one user */
#define SP_SUMS_USER_MAX	16	/* … of files */

struct sp_workers;

struct sp_workers *sp_workers_new(struct sp_index *index);	/* takes a reference */
void sp_workers_free(struct sp_workers *workers);	/* waits for what is under way */

const struct sp_fact_source *sp_workers_source(struct sp_workers *workers);

/* Packages were installed or removed: the index and what came of it are void. */
void sp_workers_packages_changed(struct sp_workers *workers);
