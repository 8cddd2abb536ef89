/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing string; its text is NULL until the first addition. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "buffer.h"

/* Room for @length more bytes and the terminating NUL. */
static bool reserve(struct sp_buffer *buffer, size_t length)
{
	size_t size = buffer->size ? buffer->size : 64;
	char *text;

	if (buffer->failed)
		return false;
	while (size - buffer->length <= length)
		size *= 2;
	if (size == buffer->size)
		return true;
	text = realloc(buffer->text, size);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->size = size;
	return true;
}

void sp_buffer_add(struct sp_buffer *buffer, const char *text, size_t length)
{
	if (!reserve(buffer, length))
		return;
	memcpy(buffer->text + buffer->length, text, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void sp_buffer_string(struct sp_buffer *buffer, const char *text)
{
	sp_buffer_add(buffer, text, strlen(text));
}

void sp_buffer_format(struct sp_buffer *buffer, const char *format, ...)
{
	char text[128];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(text))
		buffer->failed = true;
	else
		sp_buffer_add(buffer, text, (size_t)length);
}

char *sp_buffer_take(struct sp_buffer *buffer)
{
	char *text;

	sp_buffer_add(buffer, "", 0);
	text = buffer->text;
	if (buffer->failed) {
		free(text);
		text = NULL;
	}
	*buffer = (struct sp_buffer){ 0 };
	return text;
}
