/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as what comes from the bus, in pieces of any size, read in pieces of any
 * size: what comes out does not depend on the pieces, and has no message that is
 * larger than it may be.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(gboolean so)
{
	if (!so)
		abort();
}

/* @piece: most bytes offered and taken in one step beyond what is needed; 0: all. */
static GByteArray *convert(const uint8_t *data, size_t size, size_t piece)
{
	GConverter *limit = sp_bus_limit_new();
	GByteArray *result = g_byte_array_new();
	size_t offered = piece ? piece : size, at = 0;
	uint8_t out[4096];

	while (at < size) {
		gsize room = piece ? piece : sizeof(out), read = 0, written = 0;
		g_autofree uint8_t *in = NULL;
		g_autoptr(GError) error = NULL;

		offered = MIN(offered, size - at);
		in = g_memdup2(data + at, offered);
		if (g_converter_convert(limit, in, offered, out, room, G_CONVERTER_NO_FLAGS, &read,
					&written, &error) == G_CONVERTER_ERROR) {
			must(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT));
			if (offered == size - at)
				break;	/* the rest is no whole header */
			offered *= 2;
			continue;
		}
		must(read <= offered && written <= room && (read || written));
		g_byte_array_append(result, out, written);
		at += read;
		offered = piece ? piece : size;
	}
	g_object_unref(limit);
	return result;
}

static guint32 number(const GByteArray *bytes, size_t at)
{
	guint32 value;

	memcpy(&value, bytes->data + at, sizeof(value));
	return value;
}

static void check_messages(const GByteArray *bytes)
{
	guint64 at = 0;

	while (at + 16 <= bytes->len) {
		gboolean big = bytes->data[at] == 'B';
		guint32 body = number(bytes, at + 4), fields = number(bytes, at + 12);

		if (big) {
			body = GUINT32_SWAP_LE_BE(body);
			fields = GUINT32_SWAP_LE_BE(fields);
		}
		must(body <= SP_BUS_BODY_MAX && fields <= SP_BUS_HEADER_MAX);
		at += ((16 + (guint64)fields + 7) & ~7ull) + body;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GByteArray *whole, *pieces;

	if (size < 1)
		return 0;
	whole = convert(data + 1, size - 1, 0);
	pieces = convert(data + 1, size - 1, 1 + data[0] % 64);
	check_messages(whole);
	must(whole->len == pieces->len &&
	     (!whole->len || !memcmp(whole->data, pieces->data, whole->len)));
	g_byte_array_unref(whole);
	g_byte_array_unref(pieces);
	return 0;
}
