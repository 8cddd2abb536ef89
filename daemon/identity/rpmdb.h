/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpm's database: an SQLite file with a header (rpm.h) for each installed package. It is
 * read as it was when reading began, and nothing is written, not even beside it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A header by its number, as long as the call lasts. False: no more of them. */
typedef bool (*sp_rpmdb_fn)(int64_t number, const void *header, size_t length, void *arg);

enum sp_rpmdb {
	SP_RPMDB_NONE,		/* there is none */
	SP_RPMDB_READ,
	SP_RPMDB_FOREIGN,	/* of a kind that is not read: ndb, Berkeley DB */
	SP_RPMDB_FAILED,	/* errno */
};

/* All of them. @root: as sp_packages_load()'s. Waits for the disk. */
enum sp_rpmdb sp_rpmdb_read(const char *root, sp_rpmdb_fn fn, void *arg);
/* The one with this number, if it is there. */
enum sp_rpmdb sp_rpmdb_read_one(const char *root, int64_t number, sp_rpmdb_fn fn, void *arg);
