/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See traffic.h. */
#include "traffic.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"

struct _SpTraffic {
	SpItems parent;
	char *program, *host, *protocol;	/* @protocol NULL: it is a program */
	guint port;
	gboolean inbound;
	guint64 allowed, refused, bytes_out, bytes_in;
};

G_DEFINE_FINAL_TYPE(SpTraffic, sp_traffic, SP_TYPE_ITEMS)

static guint changed;

static void sp_traffic_finalize(GObject *object)
{
	SpTraffic *self = SP_TRAFFIC(object);

	g_free(self->program);
	g_free(self->host);
	g_free(self->protocol);
	G_OBJECT_CLASS(sp_traffic_parent_class)->finalize(object);
}

static void sp_traffic_class_init(SpTrafficClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_traffic_finalize;
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
			       NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_traffic_init(SpTraffic *self)
{
}

static SpTraffic *program_new(const char *program)
{
	SpTraffic *self = g_object_new(SP_TYPE_TRAFFIC, NULL);

	self->program = g_strdup(program);
	self->host = g_strdup("");
	return self;
}

static SpTraffic *place_new(GVariant *row)
{
	SpTraffic *self = program_new(sp_dict_string(row, "program"));

	g_free(self->host);
	self->host = g_strdup(sp_dict_string(row, "host"));
	self->protocol = g_strdup(sp_dict_string(row, "protocol"));
	self->port = (guint)sp_dict_number(row, "port");
	self->inbound = strcmp(sp_dict_string(row, "direction"), "in") == 0;
	return self;
}

static void sum_up(SpTraffic *self, GVariant *row)
{
	guint64 flows = sp_dict_number(row, "flows");

	if (strcmp(sp_dict_string(row, "action"), "allow") == 0)
		self->allowed += flows;
	else
		self->refused += flows;
	self->bytes_out += sp_dict_number(row, "bytes-out");
	self->bytes_in += sp_dict_number(row, "bytes-in");
}

static char *place_key(GVariant *row)
{
	return g_strdup_printf("%s\n%s\n%u\n%s\n%s", sp_dict_string(row, "program"),
			       sp_dict_string(row, "host"), (guint)sp_dict_number(row, "port"),
			       sp_dict_string(row, "protocol"), sp_dict_string(row, "direction"));
}

/* Rows of one place differ by their action alone. */
static void add_row(GListStore *programs, GHashTable *known, GVariant *row)
{
	const char *path = sp_dict_string(row, "program");
	SpTraffic *program = g_hash_table_lookup(known, path), *place;
	g_autofree char *key = place_key(row);

	if (!program) {
		program = program_new(path);
		g_list_store_append(programs, program);
		g_hash_table_insert(known, g_strdup(path), program);
		g_object_unref(program);	/* the store's */
	}
	sum_up(program, row);
	if (!*sp_dict_string(row, "protocol"))
		return;		/* places are not told apart */
	place = g_hash_table_lookup(known, key);
	if (!place) {
		place = place_new(row);
		g_ptr_array_add(sp_items_array(program), place);
		g_hash_table_insert(known, g_steal_pointer(&key), place);
	}
	sum_up(place, row);
}

int sp_traffic_compare(gconstpointer a, gconstpointer b, gpointer data)
{
	const SpTraffic *first = a, *second = b;
	guint64 x = first->allowed + first->refused, y = second->allowed + second->refused;

	return x > y ? -1 : x < y;
}

static int compare_places(gconstpointer a, gconstpointer b)
{
	return sp_traffic_compare(*(gconstpointer *)a, *(gconstpointer *)b, NULL);
}

GListStore *sp_traffic_programs(GVariant *totals)
{
	GListStore *programs = g_list_store_new(SP_TYPE_TRAFFIC);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GVariantIter iter;
	GVariant *row;

	g_variant_iter_init(&iter, totals);
	while ((row = g_variant_iter_next_value(&iter))) {
		add_row(programs, known, row);
		g_variant_unref(row);
	}
	for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(programs)); i++) {
		g_autoptr(SpTraffic) program = g_list_model_get_item(G_LIST_MODEL(programs), i);

		g_ptr_array_sort(sp_items_array(program), compare_places);
	}
	g_list_store_sort(programs, sp_traffic_compare, NULL);
	return programs;
}

static gboolean is_of(SpTraffic *place, GVariant *row)
{
	gboolean inbound = strcmp(sp_dict_string(row, "direction"), "in") == 0;

	return place->port == sp_dict_number(row, "port") && place->inbound == inbound &&
	       strcmp(place->protocol, sp_dict_string(row, "protocol")) == 0 &&
	       strcmp(place->host, sp_dict_string(row, "host")) == 0;
}

GPtrArray *sp_traffic_places(GVariant *totals, gboolean more, guint *rows)
{
	GPtrArray *places = sp_items_array_new();
	gsize count = g_variant_n_children(totals);
	SpTraffic *place = NULL;

	*rows = (guint)count;
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(totals, i);

		if (!place || !is_of(place, row)) {
			place = place_new(row);
			g_ptr_array_add(places, place);
			*rows = more ? (guint)i : (guint)count;
		}
		sum_up(place, row);
	}
	if (more && places->len)
		g_ptr_array_set_size(places, (int)places->len - 1);
	return places;
}

gboolean sp_traffic_same_place(SpTraffic *self, SpTraffic *other)
{
	return self->port == other->port && self->inbound == other->inbound &&
	       strcmp(self->protocol, other->protocol) == 0 && strcmp(self->host, other->host) == 0;
}

void sp_traffic_update(SpTraffic *self, SpTraffic *now)
{
	if (self->allowed == now->allowed && self->refused == now->refused &&
	    self->bytes_out == now->bytes_out && self->bytes_in == now->bytes_in)
		return;
	self->allowed = now->allowed;
	self->refused = now->refused;
	self->bytes_out = now->bytes_out;
	self->bytes_in = now->bytes_in;
	g_signal_emit(self, changed, 0);
}

gboolean sp_traffic_is_place(SpTraffic *self)
{
	return self->protocol != NULL;
}

const char *sp_traffic_program(SpTraffic *self)
{
	return self->program;
}

const char *sp_traffic_host(SpTraffic *self)
{
	return self->host;
}

const char *sp_traffic_protocol(SpTraffic *self)
{
	return self->protocol;
}

guint sp_traffic_port(SpTraffic *self)
{
	return self->port;
}

gboolean sp_traffic_is_inbound(SpTraffic *self)
{
	return self->inbound;
}

guint64 sp_traffic_allowed(SpTraffic *self)
{
	return self->allowed;
}

guint64 sp_traffic_refused(SpTraffic *self)
{
	return self->refused;
}

guint64 sp_traffic_bytes_out(SpTraffic *self)
{
	return self->bytes_out;
}

guint64 sp_traffic_bytes_in(SpTraffic *self)
{
	return self->bytes_in;
}

char *sp_traffic_title(SpTraffic *self)
{
	const char *host = *self->host ? self->host : _("unknown hosts");
	g_autofree char *protocol = g_ascii_strup(self->protocol, -1);

	if (self->inbound && self->port)
		return g_strdup_printf(_("from %s to %s port %u"), host, protocol, self->port);
	if (self->inbound)
		return g_strdup_printf(_("from %s, %s"), host, protocol);
	if (self->port)
		return g_strdup_printf(_("%s, %s port %u"), host, protocol, self->port);
	return g_strdup_printf("%s, %s", host, protocol);
}

static void add_count(GString *text, const char *phrase, guint64 count)
{
	g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, count);
	g_autoptr(GString) words = g_string_new(phrase);

	if (!count)
		return;
	g_string_replace(words, "%s", number, 1);
	g_string_append_printf(text, "%s%s", text->len ? " · " : "", words->str);
}

char *sp_traffic_detail(SpTraffic *self)
{
	GString *text = g_string_new(NULL);
	g_autofree char *out = sp_format_bytes(self->bytes_out), *in = sp_format_bytes(self->bytes_in);

	/* TRANSLATORS: how many connections */
	add_count(text, _("%s allowed"), self->allowed);
	add_count(text, _("%s refused"), self->refused);
	if (self->bytes_out || self->bytes_in)
		g_string_append_printf(text, "%s↑ %s ↓ %s", text->len ? " · " : "", out, in);
	return g_string_free(text, FALSE);
}

struct sp_draft *sp_traffic_draft(SpTraffic *self, enum sp_action action)
{
	struct sp_draft *draft = sp_draft_about(self->program, getuid(), action,
						self->inbound ? SP_IN : SP_OUT);
	g_autofree char *port = self->port ? g_strdup_printf("%u", self->port) : g_strdup("");

	if (!draft || !self->protocol)
		return draft;
	sp_draft_set(draft, SP_DRAFT_REMOTE, self->host);
	sp_draft_set(draft, SP_DRAFT_PROTOCOL, self->protocol);
	sp_draft_set(draft, SP_DRAFT_PORT, port);
	return draft;
}
