/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people called networks, by what these are known by: kept in a file of the state
 * folder. A change is durable when it returns, or is none.
 */
#pragma once

#include <glib.h>
#include "verdict.h"

#define SP_NAMED_MAX	256u	/* networks */

struct sp_named {
	char *id;		/* as networks.h has it */
	char *name;		/* "": nobody wants to say */
	char *title;		/* what it looked like then */
	guint32 maker;
	gint64 since;		/* µs of CLOCK_REALTIME; 0, of a former name: there was none */
};

struct sp_named_list;

struct sp_named_list *sp_named_list_new(const char *folder, const char *file);
void sp_named_list_free(struct sp_named_list *list);

/* Valid until the next change. */
const struct sp_named *sp_named_find(const struct sp_named_list *list, const char *id);
const struct sp_named *sp_named_all(const struct sp_named_list *list, guint *count);

/* @name "": nobody wants to say. Errors: LIMIT, NOT_SAVED. */
gboolean sp_named_set(struct sp_named_list *list, const char *id, const char *name,
		      const char *title, guint32 maker, GError **error);
/* The same, with all that @named has. */
gboolean sp_named_put(struct sp_named_list *list, const struct sp_named *named, GError **error);
/* Errors: NO_SUCH_NETWORK, NOT_SAVED. */
gboolean sp_named_remove(struct sp_named_list *list, const char *id, GError **error);
/* All, and the file. Error: NOT_SAVED, it is still there. */
gboolean sp_named_clear(struct sp_named_list *list, GError **error);
