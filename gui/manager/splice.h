/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One array of objects in the place of another, in a GListModel. */
#pragma once

#include <gio/gio.h>

/*
 * @*items, what @model lists, becomes @replacement (taken); the model tells of the part
 * between what both have in common at their beginnings and ends.
 */
void sp_splice(GListModel *model, GPtrArray **items, GPtrArray *replacement);
