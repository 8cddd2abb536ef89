/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See guard.h. sallyport confirm, too. */
#include "guard.h"

#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "duration.h"
#include "output.h"
#include "rule_context.h"
#include "rule_file.h"
#include "rule_text.h"
#include "ssh.h"

#define SSH_SECONDS	30
#define SECONDS_MAX	600	/* as sallyportd has it */

char *sp_guard_within;

static gboolean read_within(guint *seconds, GError **error)
{
	gint64 value = 0;

	if (strcmp(sp_guard_within, "0") && strcmp(sp_guard_within, "0s") &&
	    (!sp_duration_parse(sp_guard_within, &value) || value > SECONDS_MAX))
		return sp_usage_error(error, _("“%s” is no time to confirm within; use 1s to 10m, or 0s"),
				      sp_guard_within);
	*seconds = (guint)value;
	return TRUE;
}

gboolean sp_guard_check(GError **error)
{
	guint seconds;

	return !sp_guard_within || read_within(&seconds, error);
}

/* --- what it would do to the ssh connection ------------------------------------------- */

static gboolean is_named(const struct sp_guarded *change, guint64 id)
{
	for (gsize i = 0; i < change->id_count; i++)
		if (change->ids[i] == id)
			return TRUE;
	return FALSE;
}

/* The rules as they would be, borrowed. */
static struct sp_rule *changed(const struct sp_guarded *change, const struct sp_stance *before,
			       gsize *count)
{
	struct sp_rule *rules = g_new(struct sp_rule, before->count + change->rule_count + 1);
	guint64 last = 0;

	*count = 0;
	for (gsize i = 0; i < before->count; i++) {
		struct sp_rule rule = before->rules[i];

		last = MAX(last, rule.id);
		if (is_named(change, rule.id)) {
			if (change->what == SP_GUARDED_REMOVE)
				continue;
			if (change->what == SP_GUARDED_REPLACE && change->rule_count) {
				rule = change->rules[0];
				rule.id = before->rules[i].id;
			}
			if (change->what == SP_GUARDED_ENABLE || change->what == SP_GUARDED_DISABLE)
				rule.enabled = change->what == SP_GUARDED_ENABLE;
		}
		rules[(*count)++] = rule;
	}
	for (gsize i = 0; i < change->rule_count && change->what != SP_GUARDED_REPLACE; i++) {
		struct sp_rule rule = change->rules[i];

		if (!rule.id)
			rule.id = ++last;
		rules[(*count)++] = rule;
	}
	return rules;
}

/* Are rules changed that are not among those that are seen? */
static gboolean changes_hidden(const struct sp_guarded *change, const struct sp_stance *seen)
{
	for (gsize i = 0; i < change->id_count; i++) {
		gsize at = 0;

		while (at < seen->count && seen->rules[at].id != change->ids[i])
			at++;
		if (at == seen->count)
			return TRUE;
	}
	return FALSE;
}

static gboolean cuts_off(const struct sp_guarded *change, const struct sp_flow_line *flow,
			 const struct sp_stance *before)
{
	struct sp_stance after = *before;
	g_autofree struct sp_rule *rules = changed(change, before, &after.count);

	after.rules = rules;
	if (change->mode)
		after.mode = change->mode;
	if (change->network)
		after.network = change->network_name;
	return sp_ssh_cut_off(flow, before, &after);
}

static gboolean leads_there(GVariant *network, const char *device)
{
	g_autofree const char **devices = NULL;

	g_variant_lookup(network, "devices", "^a&s", &devices);
	return devices && g_strv_contains(devices, device);
}

/* TRUE: it is not the network that the connection comes by. In doubt it is. */
static gboolean is_elsewhere(const struct sp_guarded *change, const char *connection)
{
	g_autofree char *device = change->network ? sp_ssh_device(connection) : NULL;

	return device && !leads_there(change->network, device);
}

/* Whoever may not see the rules can't know: then it would. */
static gboolean would_cut_off(GDBusConnection *bus, const struct sp_guarded *change,
			      const struct sp_flow_line *flow)
{
	g_autoptr(GVariant) status = sp_call_status(bus, NULL);
	g_autoptr(GArray) there = NULL;
	g_autofree struct sp_rule *rules = NULL;
	struct sp_stance before = { 0 };

	there = status && !change->unknown ?
		sp_rule_file_fetch(bus, sp_command_sees_all(FALSE), NULL) : NULL;
	if (!there)
		return TRUE;
	rules = sp_rule_file_array(there);
	before.rules = rules;
	before.count = there->len;
	before.defaults = sp_rule_defaults(status);
	before.mode = sp_dict_string(status, "mode");
	before.partial = !sp_command_sees_all(FALSE);
	if (change->network)
		before.network = sp_dict_string(change->network, "name");
	return (before.partial && changes_hidden(change, &before)) ||
	       cuts_off(change, flow, &before);
}

/* --- the guard ------------------------------------------------------------------------- */

static gboolean begin(GDBusConnection *bus, guint seconds, GError **error)
{
	g_autofree char *words = sp_duration_words(seconds);

	if (!sp_call_guard(bus, seconds, error))
		return FALSE;
	g_printerr(_("This is taken back unless you confirm it within %s: sallyport confirm\n"), words);
	return TRUE;
}

char *sp_guard_cut_off(GDBusConnection *bus, const struct sp_guarded *change)
{
	g_autofree char *connection = sp_ssh_connection();
	struct sp_flow_line flow;
	gboolean cut;

	if (!connection || is_elsewhere(change, connection) || !sp_ssh_flow(connection, &flow))
		return NULL;
	cut = would_cut_off(bus, change, &flow);
	sp_flow_line_clear(&flow);
	return cut ? g_steal_pointer(&connection) : NULL;
}

static gboolean begin_for_ssh(GDBusConnection *bus, const struct sp_guarded *change,
			      GError **error)
{
	g_autofree char *connection = sp_guard_cut_off(bus, change);

	if (!connection)
		return TRUE;
	g_printerr(_("This may end the ssh connection that you are using (%s).\n"), connection);
	return begin(bus, SSH_SECONDS, error);
}

gboolean sp_guard_looks(void)
{
	g_autofree char *connection = sp_guard_within ? NULL : sp_ssh_connection();

	return connection != NULL;
}

gboolean sp_guard_begin(GDBusConnection *bus, const struct sp_guarded *change, GError **error)
{
	guint seconds;

	if (!sp_guard_within)
		return begin_for_ssh(bus, change, error);
	if (!read_within(&seconds, error))
		return FALSE;
	return !seconds || begin(bus, seconds, error);
}

gboolean sp_confirm(int argc, char **argv, GError **error)
{
	static const struct sp_usage usage = {
		.command = "confirm",
		.description = N_("Keeps the changes that you made with --confirm-within, or over ssh, and that\n"
				  "would be taken back otherwise."),
	};
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	bus = sp_bus_connect(error);
	return bus && sp_call_confirm(bus, error);
}
