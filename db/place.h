/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a store's folder and file are ones to trust. Inside db/ only. */
#pragma once

#include "internal.h"

/* Opens @folder as the store's; its absolute path into *@path, to be freed. */
bool sp_place_open(struct sp_store *store, const char *folder, char **path);
/* policy.db, if it is there (*@found): a file of ours that only we can read. */
bool sp_place_find(struct sp_store *store, const char *path, bool *found);
