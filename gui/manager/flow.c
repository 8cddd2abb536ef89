/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See flow.h. */
#include "flow.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"

struct _SpFlow {
	SpItems parent;
	GVariant *dict;		/* NULL: it is a program */
	char *program;
	guint64 id, bytes_out, bytes_in;	/* as in @dict, where to look takes longer */
	double out[SP_FLOW_RATES], in[SP_FLOW_RATES];
};

G_DEFINE_FINAL_TYPE(SpFlow, sp_flow, SP_TYPE_ITEMS)

static guint changed;

static void sp_flow_finalize(GObject *object)
{
	SpFlow *self = SP_FLOW(object);

	g_clear_pointer(&self->dict, g_variant_unref);
	g_free(self->program);
	G_OBJECT_CLASS(sp_flow_parent_class)->finalize(object);
}

static void sp_flow_class_init(SpFlowClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_flow_finalize;
	changed = g_signal_new("changed", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0, NULL,
			       NULL, NULL, G_TYPE_NONE, 0);
}

static void sp_flow_init(SpFlow *self)
{
}

SpFlow *sp_flow_new_program(const char *path)
{
	SpFlow *self = g_object_new(SP_TYPE_FLOW, NULL);

	self->program = g_strdup(path);
	return self;
}

SpFlow *sp_flow_new(GVariant *dict)
{
	SpFlow *self = sp_flow_new_program(sp_dict_string(dict, "program"));

	self->dict = g_variant_ref(dict);
	self->id = sp_dict_number(dict, "id");
	self->bytes_out = sp_dict_number(dict, "bytes-out");
	self->bytes_in = sp_dict_number(dict, "bytes-in");
	return self;
}

gboolean sp_flow_is_program(SpFlow *self)
{
	return !self->dict;
}

guint64 sp_flow_id(SpFlow *self)
{
	return self->id;
}

const char *sp_flow_program(SpFlow *self)
{
	return self->program;
}

static void push(double *rates, double rate)
{
	memmove(rates, rates + 1, (SP_FLOW_RATES - 1) * sizeof(*rates));
	rates[SP_FLOW_RATES - 1] = rate;
}

/* Of a count that is now @new. */
static double rate_of(guint64 *count, guint64 new, double seconds)
{
	guint64 old = *count;

	*count = new;
	return seconds > 0 && new > old ? (double)(new - old) / seconds : 0;
}

void sp_flow_update(SpFlow *self, GVariant *dict, double seconds)
{
	push(self->out, rate_of(&self->bytes_out, sp_dict_number(dict, "bytes-out"), seconds));
	push(self->in, rate_of(&self->bytes_in, sp_dict_number(dict, "bytes-in"), seconds));
	g_variant_ref(dict);
	g_variant_unref(self->dict);
	self->dict = dict;
	g_signal_emit(self, changed, 0);
}

void sp_flow_set_flows(SpFlow *self, GPtrArray *flows, double seconds)
{
	double out = 0, in = 0;

	for (guint i = 0; i < flows->len; i++) {
		SpFlow *flow = g_ptr_array_index(flows, i);

		out += flow->out[SP_FLOW_RATES - 1];
		in += flow->in[SP_FLOW_RATES - 1];
	}
	if (seconds > 0) {
		push(self->out, out);
		push(self->in, in);
	}
	sp_items_set(self, flows);
	g_signal_emit(self, changed, 0);
}

const double *sp_flow_rates_out(SpFlow *self)
{
	return self->out;
}

const double *sp_flow_rates_in(SpFlow *self)
{
	return self->in;
}

static gboolean is_inbound(SpFlow *self)
{
	return strcmp(sp_dict_string(self->dict, "direction"), "in") == 0;
}

char *sp_flow_title(SpFlow *self)
{
	g_autofree char *peer = NULL, *protocol = NULL;

	if (!self->dict)
		return g_strdup(sp_format_program(self->program));
	peer = sp_format_peer(sp_dict_string(self->dict, "direction"),
			      sp_dict_string(self->dict, "remote"),
			      (guint)sp_dict_number(self->dict, "remote-port"),
			      (guint)sp_dict_number(self->dict, "local-port"));
	protocol = g_ascii_strup(sp_dict_string(self->dict, "protocol"), -1);
	/* TRANSLATORS: other end and protocol of a connection that came in */
	return is_inbound(self) ? g_strdup_printf(_("from %s (%s)"), peer, protocol) :
				  g_strdup_printf("%s (%s)", peer, protocol);
}

static char *reason(SpFlow *self, SpRules *rules)
{
	gboolean allowed = strcmp(sp_dict_string(self->dict, "action"), "allow") == 0;
	guint64 number = sp_dict_number(self->dict, "rule");
	SpRuleItem *rule = sp_rules_find(rules, number);

	if (rule)
		return g_strdup_printf("%s %s", allowed ? _("Allowed:") : _("Refused:"),
				       sp_rule_item_sentence(rule));
	if (number)
		return g_strdup(allowed ? _("Allowed by a rule") : _("Refused by a rule"));
	return g_strdup(allowed ? _("Allowed, no rule is about it") : _("Refused, no rule is about it"));
}

static void add_rates(SpFlow *self, GString *text)
{
	g_autofree char *out = sp_format_bytes((guint64)self->out[SP_FLOW_RATES - 1]);
	g_autofree char *in = sp_format_bytes((guint64)self->in[SP_FLOW_RATES - 1]);

	if (self->out[SP_FLOW_RATES - 1] < 1 && self->in[SP_FLOW_RATES - 1] < 1)
		g_string_append(text, _("idle"));
	else
		g_string_append_printf(text, _("↑ %s/s ↓ %s/s"), out, in);
}

char *sp_flow_detail(SpFlow *self, SpRules *rules)
{
	GString *text = g_string_new(NULL);
	g_autofree char *all = NULL, *why = NULL;

	if (!self->dict) {
		guint count = sp_items_array(self)->len;

		g_string_append_printf(text, ngettext("%u connection · ", "%u connections · ", count),
				       count);
		add_rates(self, text);
		return g_string_free(text, FALSE);
	}
	add_rates(self, text);
	all = sp_format_bytes(self->bytes_out + self->bytes_in);
	why = reason(self, rules);
	g_string_append_printf(text, _(" · %s in all"), all);
	g_string_append_printf(text, "\n%s", why);
	return g_string_free(text, FALSE);
}

GArray *sp_flow_ids(SpFlow *self)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	GPtrArray *flows = sp_items_array(self);
	guint64 id = sp_flow_id(self);

	if (self->dict)
		g_array_append_val(ids, id);
	for (guint i = 0; i < flows->len; i++) {
		id = sp_flow_id(g_ptr_array_index(flows, i));
		g_array_append_val(ids, id);
	}
	return ids;
}

/* Whose all of its flows are; SP_SYSTEM: several users'. */
static guint32 user_of(SpFlow *self)
{
	GPtrArray *flows = sp_items_array(self);
	guint32 user;

	if (self->dict)
		return (guint32)sp_dict_number(self->dict, "user");
	user = flows->len ? user_of(g_ptr_array_index(flows, 0)) : SP_SYSTEM;
	for (guint i = 1; i < flows->len; i++)
		if (user_of(g_ptr_array_index(flows, i)) != user)
			return SP_SYSTEM;
	return user;
}

struct sp_draft *sp_flow_draft(SpFlow *self, enum sp_action action)
{
	gboolean in = self->dict && is_inbound(self);
	struct sp_draft *draft = sp_draft_about(self->program, user_of(self), action,
						in ? SP_IN : SP_OUT);
	g_autofree char *port = NULL;

	if (!draft || !self->dict)
		return draft;
	port = g_strdup_printf("%u", (guint)sp_dict_number(self->dict, in ? "local-port" : "remote-port"));
	sp_draft_set(draft, SP_DRAFT_REMOTE, sp_dict_string(self->dict, "remote"));
	sp_draft_set(draft, SP_DRAFT_PROTOCOL, sp_dict_string(self->dict, "protocol"));
	if (strcmp(port, "0") != 0)
		sp_draft_set(draft, SP_DRAFT_PORT, port);
	return draft;
}
