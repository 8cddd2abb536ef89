/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes to a source, and its answers. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "source.h"

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

struct sp_known *sp_known_new(enum sp_known_kind kind, uint64_t id, const char *first,
			      const char *second)
{
	struct sp_known *known = calloc(1, sizeof(*known) + size_of(first) + size_of(second));

	if (!known)
		return NULL;
	known->kind = kind;
	known->id = id;
	if (first)
		known->text[0] = memcpy(known->room, first, size_of(first));
	if (second)
		known->text[1] = memcpy(known->room + size_of(first), second,
					size_of(second));
	return known;
}

struct sp_known *sp_known_failure(enum sp_known_kind kind, uint64_t id)
{
	struct sp_known *known = sp_known_new(kind, id, NULL, NULL);

	if (known)
		known->failed = true;
	return known;
}

void sp_want_free(struct sp_want *want)
{
	if (want && want->fd >= 0)
		close(want->fd);
	free(want);
}
