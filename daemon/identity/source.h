/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about programs that take reading of files: where the verdict thread has
 * them from. It asks and goes on; what was found comes back later. Tests put a
 * source of their own behind it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "sallyport.h"

enum sp_known_kind {
	SP_KNOWN_PACKAGE,	/* of an image: text[0] is its package */
	SP_KNOWN_HASH,		/* of an image: text[0] is its SHA-256, 64 digits */
	SP_KNOWN_CGROUP,	/* of a cgroup: text[0] is the unit, text[1] the application */
	SP_KNOWN_KINDS,
};

/* What is to be found out. Whoever has it frees it, with sp_want_free(). */
struct sp_want {
	enum sp_known_kind kind;
	uint64_t id;			/* of the image or cgroup */
	uint32_t user;			/* whose flow wants it: he has a share of the work */
	int fd;				/* of a hash: the file, by O_PATH; else -1 */
	struct sallyport_image image;	/* if it is about an image */
	char path[];			/* … its path; "" if there is none */
};

void sp_want_free(struct sp_want *want);	/* and its descriptor; NULL is fine */

/* What was found out. Never changes; one allocation; whoever has it frees it. */
struct sp_known {
	enum sp_known_kind kind;
	uint64_t id;		/* 0: all of this kind are void, for what they rest on changed */
	bool failed;		/* it could not be found out, this time */
	bool claimed;		/* the application is what the user's own processes say */
	const char *text[2];	/* into @room; NULL: has none */
	char room[];
};

/* Used by the verdict thread alone, but for begin(), which comes before it runs. */
struct sp_fact_source {
	/* Numbers mean something else from now on: what was wanted before gets no answer. */
	void (*begin)(void *data);
	/* False: too much is under way; then @want is still the caller's. */
	bool (*want)(void *data, struct sp_want *want);
	/* The next answer; NULL: none is there. Each want gets one, some time. */
	struct sp_known *(*take)(void *data);
	int fd;		/* readable as long as answers are there */
	void *data;
};

/* @first, @second: NULL: has none. NULL: no memory. */
struct sp_known *sp_known_new(enum sp_known_kind kind, uint64_t id, const char *first,
			      const char *second);
struct sp_known *sp_known_failure(enum sp_known_kind kind, uint64_t id);	/* likewise */
