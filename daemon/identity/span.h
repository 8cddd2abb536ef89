/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of what was read. Not NUL-terminated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sp_span {
	const char *text;
	size_t length;
};

static inline bool sp_span_is(struct sp_span a, struct sp_span b)
{
	return a.length == b.length && !memcmp(a.text, b.text, a.length);
}
