/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dpkg's own files: lists of what packages installed, and diversions. Pure: text
 * in, callbacks out. What makes no sense is passed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include "span.h"

/* info/NAME.list: each path but the folders. */
void sp_dpkg_list(const char *text, size_t length,
		  void (*fn)(struct sp_span path, void *arg), void *arg);

/* A file that lies at @from in all packages but @package is put at @to. */
struct sp_diversion {
	struct sp_span from, to;
	struct sp_span package;		/* ":": all packages */
};

/* diversions: three lines each. */
void sp_dpkg_diversions(const char *text, size_t length,
			void (*fn)(const struct sp_diversion *diversion, void *arg),
			void *arg);

/* "libc6:amd64.list" is libc6's. False: no list of a package. */
bool sp_dpkg_list_name(const char *file, struct sp_span *package);

/*
 * info/NAME.md5sums: the sum of @path (absolute, as in the list), 32 digits. False:
 * there is none.
 */
bool sp_dpkg_sum(const char *text, size_t length, struct sp_span path, char sum[33]);
