/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of the history, shown. */
#include "record.h"

#include <string.h>

#include <glib/gi18n.h>

#include "calls.h"
#include "format.h"
#include "output.h"
#include "table.h"
#include "words.h"

#define PROGRAM_WIDTH		12
#define DESTINATION_WIDTH	22
#define OTHERS_WIDTH		36	/* id, time, action, rule, and what is between columns */

static enum sp_style action_style(const char *action)
{
	if (!strcmp(action, "allow"))
		return SP_STYLE_GOOD;
	if (!strcmp(action, "deny") || !strcmp(action, "drop"))
		return SP_STYLE_BAD;
	return SP_STYLE_PLAIN;
}

static char *destination(GVariant *record)
{
	g_autofree char *remote = sp_format_remote(record);
	g_autofree char *peer = sp_format_peer(sp_dict_string(record, "direction"), remote,
					       (guint)sp_dict_number(record, "remote-port"),
					       (guint)sp_dict_number(record, "local-port"));
	guint flows = (guint)sp_dict_number(record, "flows");

	if (flows <= 1)
		return g_steal_pointer(&peer);
	/* TRANSLATORS: so many connections to one place, "192.0.2.1 port 443 × 12" */
	return g_strdup_printf(_("%s × %u"), peer, flows);
}

/* Who decided, and why; of a flow that ended, how much it carried. */
static char *by(GVariant *record)
{
	const char *reason = sp_dict_string(record, "reason");
	const char *who = sp_words_by(sp_dict_string(record, "by"));

	if (!strcmp(sp_dict_string(record, "event"), "ended")) {
		g_autofree char *out = sp_format_bytes(sp_dict_number(record, "bytes-out"));
		g_autofree char *in = sp_format_bytes(sp_dict_number(record, "bytes-in"));

		return g_strdup_printf(_("%s out, %s in"), out, in);
	}
	if (*reason)
		return g_strdup_printf("%s: %s", who, sp_words_counter(reason));
	return g_strdup(who);
}

static void add_row(struct sp_table *table, GVariant *record, gint64 now)
{
	g_autofree char *time = sp_format_time((gint64)sp_dict_number(record, "time"), now);
	g_autofree char *peer = destination(record);
	g_autofree char *why = by(record);
	const char *action = sp_dict_string(record, "action");
	guint64 id = sp_dict_number(record, "rule");
	g_autofree char *rule = g_strdup_printf("%" G_GUINT64_FORMAT, id);
	g_autofree char *serial = g_strdup_printf("%" G_GUINT64_FORMAT,
						  sp_dict_number(record, "serial"));

	sp_table_add(table, serial, SP_STYLE_DIM);
	sp_table_add(table, time, SP_STYLE_PLAIN);
	sp_table_add(table, sp_dict_string(record, "event"), SP_STYLE_PLAIN);
	sp_table_add(table, action, action_style(action));
	sp_table_add(table, sp_format_program(sp_dict_string(record, "program")), SP_STYLE_PLAIN);
	sp_table_add(table, peer, SP_STYLE_PLAIN);
	sp_table_add(table, id ? rule : "", SP_STYLE_PLAIN);
	sp_table_add(table, why, SP_STYLE_DIM);
}

/* Records come twice where the past and what is watched overlap. */
static gboolean is_new(GVariant *record, guint64 *last)
{
	guint64 serial = sp_dict_number(record, "serial");

	if (serial && serial <= *last)
		return FALSE;
	*last = serial;
	return TRUE;
}

/*
 * Lines that come one after the other stand below each other: their columns are as wide as
 * the terminal lets them be, beside those that are never left out.
 */
static int room(void)
{
	int width = sp_output_width();

	return width ? width - OTHERS_WIDTH : PROGRAM_WIDTH + DESTINATION_WIDTH;
}

static int destination_min(gboolean streaming)
{
	return streaming ? CLAMP(room() - PROGRAM_WIDTH, 12, DESTINATION_WIDTH) : 12;
}

static int program_min(gboolean streaming)
{
	return streaming ? CLAMP(room() - destination_min(TRUE), 8, PROGRAM_WIDTH) : 8;
}

static gboolean show_table(GVariant *records, guint64 *last, gboolean titles,
			   gboolean streaming)
{
	const struct sp_column columns[] = {
		{ .title = _("Id"), .min = 4, .right = TRUE },
		{ .title = _("Time"), .min = 8 },
		{ .title = _("Event"), .min = 8, .optional = 2 },
		{ .title = _("Action"), .min = 6 },
		{ .title = _("Program"), .min = program_min(streaming), .elastic = TRUE },
		{ .title = _("Destination"), .min = destination_min(streaming), .elastic = TRUE },
		{ .title = _("Rule"), .min = 4, .right = TRUE },
		{ .title = _("By"), .min = 8, .elastic = TRUE, .optional = 1 },
	};
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));
	g_autofree char *text = NULL;
	gint64 now = g_get_real_time();
	GVariantIter iter;
	GVariant *record;

	g_variant_iter_init(&iter, records);
	while ((record = g_variant_iter_next_value(&iter))) {
		if (is_new(record, last))
			add_row(table, record, now);
		g_variant_unref(record);
	}
	text = sp_table_text(table, sp_output_width(), titles, sp_output_colour());
	sp_table_free(table);
	return sp_output_put(text);
}

static gboolean show_json(GVariant *records, guint64 *last)
{
	GVariantIter iter;
	GVariant *record;
	gboolean ok = TRUE;

	g_variant_iter_init(&iter, records);
	while ((record = g_variant_iter_next_value(&iter))) {
		if (is_new(record, last))
			ok = sp_output_put_json(record);
		g_variant_unref(record);
	}
	return ok;
}

gboolean sp_records_show(GVariant *records, guint64 *last, gboolean titles,
			 gboolean streaming, gboolean json)
{
	return json ? show_json(records, last) : show_table(records, last, titles, streaming);
}
