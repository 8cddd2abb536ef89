/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing string. Running out of memory is remembered and makes the rest do
 * nothing; sp_buffer_take() tells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sp_buffer {
	char *text;
	size_t length, size;
	bool failed;
};

void sp_buffer_add(struct sp_buffer *buffer, const char *text, size_t length);
void sp_buffer_string(struct sp_buffer *buffer, const char *text);
void sp_buffer_format(struct sp_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));	/* up to 127 bytes */
/* The string, for the caller to free; NULL: no memory. The buffer is empty then. */
char *sp_buffer_take(struct sp_buffer *buffer);
