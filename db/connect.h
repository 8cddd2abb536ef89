/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite's side of opening a file. Inside db/ only. */
#pragma once

#include "internal.h"

/* Opens the file @name in the folder @path, which must be there; sets it up. */
bool sp_connect(struct sp_store *store, const char *path, const char *name);
/* Until the file is known to be ours, closing it must not write to it. */
void sp_connect_trust(struct sp_store *store, bool trusted);
void sp_disconnect(struct sp_store *store);
/* Only our schema, each page and each row sound: else CORRUPT or NEWER. */
bool sp_connect_check(struct sp_store *store);
