/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See icon.h. */
#include "icon.h"

GIcon *sp_icon_of_entry(const SpEntry *entry)
{
	return entry && entry->icon ? g_object_ref(entry->icon) :
				      g_themed_icon_new("application-x-executable");
}

GIcon *sp_icon_of(const char *path)
{
	g_autoptr(SpEntry) entry = sp_entry_of(path);

	return sp_icon_of_entry(entry);
}
