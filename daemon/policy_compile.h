/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the rules as they are kept to the snapshot that decides: the files' rules
 * behind the store's, an unconfirmed allow asks, in lockdown the floor alone.
 */
#pragma once

#include <gio/gio.h>
#include "decide.h"
#include "policy_files.h"

/* With more rules than this a snapshot is made by a worker. */
#define SP_COMPILE_HERE	500u

/* All that a snapshot is made of; references and copies. */
struct sp_compile {
	GArray *rules;		/* struct sp_rule; not written to until it is freed */
	struct sp_file_policy files;
	char *boot;		/* NULL: not known; then no rule is of this boot */
	struct sp_defaults defaults;
	gboolean lockdown;
	guint64 epoch;
};

void sp_compile_free(void *compile);
/* NULL: no memory. */
struct sp_snapshot *sp_compile_now(const struct sp_compile *compile);

/* Takes @snapshot; NULL: no memory. */
typedef void (*sp_compile_done)(struct sp_snapshot *snapshot, void *data);
/*
 * Takes @compile. @done is called at once, or when a worker has made it; not where
 * @cancel came first.
 */
void sp_compile_begin(struct sp_compile *compile, GCancellable *cancel, sp_compile_done done,
		      void *data);
