/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See limit.h. Each message's header is looked at, and passed on; its body is
 * passed on or skipped. No input is taken before its output has room: whoever reads
 * the stream waits for more input, not for what lies here.
 */
#include "limit.h"

#include <string.h>

#define FIXED		16u	/* bytes of a header before its fields */
#define SIGNATURE	8u	/* code of the field that says what the body is */
#define UNUSED		255u	/* a code that no field has: passed over by readers */

enum state { HEADER, EMIT, BODY, SKIP };

struct sp_bus_limit {
	GObject parent;
	enum state state;
	guint8 buffer[FIXED + SP_BUS_HEADER_MAX + 7];	/* the header, as it goes out */
	gsize header;		/* length of the whole header */
	gsize sent;		/* of them, passed on */
	guint64 left;		/* bytes to pass on or to skip */
};

typedef struct {
	GObjectClass parent;
} SpBusLimitClass;

typedef struct sp_bus_limit SpBusLimit;

static void init_converter(GConverterIface *iface);
static GType sp_bus_limit_get_type(void);

G_DEFINE_TYPE_WITH_CODE(SpBusLimit, sp_bus_limit, G_TYPE_OBJECT,
			G_IMPLEMENT_INTERFACE(G_TYPE_CONVERTER, init_converter))

static guint32 read_u32(const struct sp_bus_limit *limit, gsize at)
{
	guint32 value;

	memcpy(&value, limit->buffer + at, sizeof(value));
	return limit->buffer[0] == 'B' ? GUINT32_FROM_BE(value) : GUINT32_FROM_LE(value);
}

static gsize padded(gsize at, gsize alignment)
{
	return (at + alignment - 1) & ~(alignment - 1);
}

static void enter(struct sp_bus_limit *limit, enum state state)
{
	limit->state = state;
	if (state == HEADER)
		limit->sent = 0;
}

/* --- the header of a message whose body is not passed on ------------------------- */

/* Behind a field whose value begins at @at and is of type @type; 0: no such type. */
static gsize skip_value(const struct sp_bus_limit *limit, gsize at, char type)
{
	switch (type) {
	case 'g':
		return at < limit->header ? at + 1 + limit->buffer[at] + 1 : 0;
	case 's':
	case 'o':
		at = padded(at, 4);
		return at + 4 <= limit->header ? at + 4 + read_u32(limit, at) + 1 : 0;
	case 'u':
		return padded(at, 4) + 4;
	}
	return 0;
}

/* A field: code, signature of one type, value. */
static gboolean drop_signature(struct sp_bus_limit *limit)
{
	gsize end = FIXED + read_u32(limit, 12), at = FIXED;

	while (at + 4 <= end) {
		guint8 *field = limit->buffer + at;

		if (field[1] != 1)
			return FALSE;
		if (field[0] == SIGNATURE)
			field[0] = UNUSED;
		at = skip_value(limit, at + 4, field[2]);
		if (!at)
			return FALSE;
		at = padded(at, 8);
	}
	return TRUE;
}

/* The header is in the buffer. */
static void judge(struct sp_bus_limit *limit)
{
	guint32 body = read_u32(limit, 4);

	limit->left = body;
	enter(limit, EMIT);
	if (body <= SP_BUS_BODY_MAX)
		return;
	memset(limit->buffer + 4, 0, 4);
	if (drop_signature(limit))
		return;
	limit->left += limit->header;
	enter(limit, SKIP);
}

/* --- the stream -------------------------------------------------------------------- */

/* FALSE: it is not there as a whole. */
static gboolean look_at_header(struct sp_bus_limit *limit, const guint8 *in, gsize in_size)
{
	guint64 fields;

	if (in_size < FIXED)
		return FALSE;
	memcpy(limit->buffer, in, FIXED);
	fields = read_u32(limit, 12);
	if (fields > SP_BUS_HEADER_MAX) {
		limit->left = padded(FIXED + fields, 8) + (guint64)read_u32(limit, 4);
		enter(limit, SKIP);
		return TRUE;
	}
	limit->header = padded(FIXED + fields, 8);
	if (in_size < limit->header)
		return FALSE;
	memcpy(limit->buffer, in, limit->header);
	judge(limit);
	return TRUE;
}

/* What goes out is the header in the buffer, as long as the one that came in. */
static void emit(struct sp_bus_limit *limit, const guint8 **in, gsize *in_size, guint8 **out,
		 gsize *out_size)
{
	gsize length = MIN(limit->header - limit->sent, *out_size);

	memcpy(*out, limit->buffer + limit->sent, length);
	limit->sent += length;
	*in += length;
	*in_size -= length;
	*out += length;
	*out_size -= length;
	if (limit->sent == limit->header)
		enter(limit, limit->left > SP_BUS_BODY_MAX ? SKIP : BODY);
}

/* Of the body; FALSE: it wants more input or more room. */
static gboolean pass_body(struct sp_bus_limit *limit, const guint8 **in, gsize *in_size,
			  guint8 **out, gsize *out_size)
{
	gsize length = MIN(limit->left, *in_size);

	if (limit->state == BODY) {
		length = MIN(length, *out_size);
		memcpy(*out, *in, length);
		*out += length;
		*out_size -= length;
	}
	*in += length;
	*in_size -= length;
	limit->left -= length;
	if (limit->left)
		return length;
	enter(limit, HEADER);
	return TRUE;
}

/* One step; FALSE: it wants more input or more room. */
static gboolean step(struct sp_bus_limit *limit, const guint8 **in, gsize *in_size,
		     guint8 **out, gsize *out_size)
{
	switch (limit->state) {
	case HEADER:
		return look_at_header(limit, *in, *in_size);
	case EMIT:
		if (!*out_size)
			return FALSE;
		emit(limit, in, in_size, out, out_size);
		return TRUE;
	case BODY:
	case SKIP:
		return pass_body(limit, in, in_size, out, out_size);
	}
	g_assert_not_reached();
}

static GConverterResult convert(GConverter *converter, const void *in, gsize in_size, void *out,
				gsize out_size, GConverterFlags flags, gsize *read,
				gsize *written, GError **error)
{
	struct sp_bus_limit *limit = (struct sp_bus_limit *)converter;
	const guint8 *from = in;
	guint8 *to = out;
	gsize from_size = in_size, to_size = out_size;

	while (step(limit, &from, &from_size, &to, &to_size))
		;
	*read = in_size - from_size;
	*written = out_size - to_size;
	if (*read || *written)
		return G_CONVERTER_CONVERTED;
	if (flags & G_CONVERTER_INPUT_AT_END)
		return G_CONVERTER_FINISHED;
	g_set_error_literal(error, G_IO_ERROR, out_size ? G_IO_ERROR_PARTIAL_INPUT :
			    G_IO_ERROR_NO_SPACE, "no whole message yet");
	return G_CONVERTER_ERROR;
}

static void reset(GConverter *converter)
{
	enter((struct sp_bus_limit *)converter, HEADER);
}

static void init_converter(GConverterIface *iface)
{
	iface->convert = convert;
	iface->reset = reset;
}

static void sp_bus_limit_class_init(SpBusLimitClass *class)
{
}

static void sp_bus_limit_init(SpBusLimit *limit)
{
}

GConverter *sp_bus_limit_new(void)
{
	return g_object_new(sp_bus_limit_get_type(), NULL);
}
