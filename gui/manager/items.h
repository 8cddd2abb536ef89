/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every list here is: a GListModel that owns its items (GObject) and gets others
 * all at once. It tells only of where they differ, so that a list that shows it stays
 * where it is.
 */
#pragma once

#include <gio/gio.h>

#define SP_TYPE_ITEMS (sp_items_get_type())
G_DECLARE_DERIVABLE_TYPE(SpItems, sp_items, SP, ITEMS, GObject)

struct _SpItemsClass {
	GObjectClass parent;
};

/* An array to be filled for sp_items_set(); it owns its items. */
GPtrArray *sp_items_array_new(void);
/* What is there; borrowed until the next sp_items_set(). */
GPtrArray *sp_items_array(gpointer items);
/* @array is taken. */
void sp_items_set(gpointer items, GPtrArray *array);
