/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GVariant as JSON: a small printer for what the bus gives us. */
#include "json.h"

#include <math.h>

static void append_escape(GString *to, gunichar c)
{
	if (c > 0xffff) {
		g_string_append_printf(to, "\\u%04x\\u%04x",
				       0xd800 + ((c - 0x10000) >> 10),
				       0xdc00 + ((c - 0x10000) & 0x3ff));
		return;
	}
	g_string_append_printf(to, "\\u%04x", c);
}

static gboolean must_escape(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return TRUE;
	default:
		return FALSE;
	}
}

void sp_json_append_string(GString *to, const char *text)
{
	g_string_append_c(to, '"');
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == '"' || c == '\\')
			g_string_append_printf(to, "\\%c", (char)c);
		else if (c == '\n')
			g_string_append(to, "\\n");
		else if (c == '\t')
			g_string_append(to, "\\t");
		else if (must_escape(c))
			append_escape(to, c);
		else
			g_string_append_unichar(to, c);
	}
	g_string_append_c(to, '"');
}

static void append_double(GString *to, double value)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	if (isfinite(value))
		g_string_append(to, g_ascii_dtostr(buffer, sizeof(buffer), value));
	else
		g_string_append(to, "null");
}

static void append_list(GString *to, GVariant *value)
{
	gsize count = g_variant_n_children(value);

	g_string_append_c(to, '[');
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(value, i);

		if (i)
			g_string_append_c(to, ',');
		sp_json_append(to, child);
	}
	g_string_append_c(to, ']');
}

static void append_object(GString *to, GVariant *value)
{
	gsize count = g_variant_n_children(value);

	g_string_append_c(to, '{');
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) entry = g_variant_get_child_value(value, i);
		g_autoptr(GVariant) key = g_variant_get_child_value(entry, 0);
		g_autoptr(GVariant) child = g_variant_get_child_value(entry, 1);

		if (i)
			g_string_append_c(to, ',');
		sp_json_append_string(to, g_variant_get_string(key, NULL));
		g_string_append_c(to, ':');
		sp_json_append(to, child);
	}
	g_string_append_c(to, '}');
}

static void append_array(GString *to, GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE("a{s*}")))
		append_object(to, value);
	else
		append_list(to, value);
}

static void append_inner(GString *to, GVariant *value)
{
	g_autoptr(GVariant) inner = g_variant_get_variant(value);

	sp_json_append(to, inner);
}

void sp_json_append(GString *to, GVariant *value)
{
	switch (g_variant_classify(value)) {
	case G_VARIANT_CLASS_BOOLEAN:
		g_string_append(to, g_variant_get_boolean(value) ? "true" : "false");
		break;
	case G_VARIANT_CLASS_STRING:
	case G_VARIANT_CLASS_OBJECT_PATH:
	case G_VARIANT_CLASS_SIGNATURE:
		sp_json_append_string(to, g_variant_get_string(value, NULL));
		break;
	case G_VARIANT_CLASS_BYTE:
		g_string_append_printf(to, "%u", g_variant_get_byte(value));
		break;
	case G_VARIANT_CLASS_INT16:
		g_string_append_printf(to, "%d", g_variant_get_int16(value));
		break;
	case G_VARIANT_CLASS_UINT16:
		g_string_append_printf(to, "%u", g_variant_get_uint16(value));
		break;
	case G_VARIANT_CLASS_INT32:
		g_string_append_printf(to, "%d", g_variant_get_int32(value));
		break;
	case G_VARIANT_CLASS_UINT32:
		g_string_append_printf(to, "%u", g_variant_get_uint32(value));
		break;
	case G_VARIANT_CLASS_INT64:
		g_string_append_printf(to, "%" G_GINT64_FORMAT, g_variant_get_int64(value));
		break;
	case G_VARIANT_CLASS_UINT64:
		g_string_append_printf(to, "%" G_GUINT64_FORMAT, g_variant_get_uint64(value));
		break;
	case G_VARIANT_CLASS_DOUBLE:
		append_double(to, g_variant_get_double(value));
		break;
	case G_VARIANT_CLASS_VARIANT:
		append_inner(to, value);
		break;
	case G_VARIANT_CLASS_ARRAY:
		append_array(to, value);
		break;
	case G_VARIANT_CLASS_TUPLE:
		append_list(to, value);
		break;
	case G_VARIANT_CLASS_HANDLE:
	case G_VARIANT_CLASS_MAYBE:
	case G_VARIANT_CLASS_DICT_ENTRY:
		g_string_append(to, "null");	/* none of our interfaces has them */
		break;
	}
}
