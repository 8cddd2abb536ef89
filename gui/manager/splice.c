/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See splice.h. */
#include "splice.h"

void sp_splice(GListModel *model, GPtrArray **items, GPtrArray *replacement)
{
	g_autoptr(GPtrArray) old = *items;
	guint shorter = MIN(old->len, replacement->len), before = 0, after = 0;
	guint removed, added;

	while (before < shorter && old->pdata[before] == replacement->pdata[before])
		before++;
	while (after < shorter - before &&
	       old->pdata[old->len - 1 - after] == replacement->pdata[replacement->len - 1 - after])
		after++;
	*items = replacement;
	removed = old->len - before - after;
	added = replacement->len - before - after;
	if (removed || added)
		g_list_model_items_changed(model, before, removed, added);
}
