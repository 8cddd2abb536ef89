/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See firewall.h. */
#include "firewall.h"

#include <string.h>

#include "bus.h"
#include "rule.h"
#include "sp-bus.h"
#include "text.h"

/* How a method answers. */
struct answer {
	GVariant *reply;
	GVariant *(*compute)(GVariant *args);	/* in place of it */
	char *refuses, *fails;
	GQueue calls;		/* GVariant: arguments nobody has looked at */
};

struct gui_firewall {
	GSubprocess *bus;
	GDBusConnection *link;
	GHashTable *answers;	/* by "Rules.List" */
};

static void answer_free(gpointer data)
{
	struct answer *answer = data;

	if (answer->reply)
		g_variant_unref(answer->reply);
	g_free(answer->refuses);
	g_free(answer->fails);
	g_queue_clear_full(&answer->calls, (GDestroyNotify)g_variant_unref);
	g_free(answer);
}

static struct answer *answer_of(struct gui_firewall *firewall, const char *method)
{
	struct answer *answer = g_hash_table_lookup(firewall->answers, method);

	if (!answer) {
		answer = g_new0(struct answer, 1);
		g_queue_init(&answer->calls);
		g_hash_table_insert(firewall->answers, g_strdup(method), answer);
	}
	return answer;
}

static void fail(GDBusMethodInvocation *call, const char *error)
{
	g_autofree char *name = g_strdup_printf(SP_BUS_NAME ".Error.%s", error);

	g_dbus_method_invocation_return_dbus_error(call, name, "not authorised");
}

/* Of all the rules in @reply the page that @args want, as the daemon gives it. */
static GVariant *page_of(GVariant *reply, GVariant *args)
{
	g_autoptr(GVariant) rules = g_variant_get_child_value(reply, 0);
	g_autoptr(GVariant) options = g_variant_get_child_value(args, 0);
	guint32 limit = G_MAXUINT32;
	guint64 after = 0, id = 0;
	GVariantBuilder page;
	GVariantIter iter;
	GVariant *rule;

	g_variant_lookup(options, "after", "t", &after);
	g_variant_lookup(options, "limit", "u", &limit);
	g_variant_builder_init(&page, G_VARIANT_TYPE("aa{sv}"));
	g_variant_iter_init(&iter, rules);
	while (limit && (rule = g_variant_iter_next_value(&iter))) {
		if (g_variant_lookup(rule, "id", "t", &id) && id > after) {
			g_variant_builder_add_value(&page, rule);
			limit--;
		}
		g_variant_unref(rule);
	}
	return g_variant_new("(aa{sv})", &page);
}

static guint64 number(GVariant *dict, const char *key)
{
	guint64 value = 0;

	g_variant_lookup(dict, key, "t", &value);
	return value;
}

static gboolean is_wanted(GVariant *row, GVariant *options)
{
	const char *program = "", *host = "", *only, *part;

	g_variant_lookup(row, "program", "&s", &program);
	g_variant_lookup(row, "host", "&s", &host);
	return (!g_variant_lookup(options, "program", "&s", &only) || strcmp(program, only) == 0) &&
	       (!g_variant_lookup(options, "contains", "&s", &part) || strstr(program, part) ||
		strstr(host, part));
}

/* A sum, and what it is told apart by. */
struct sum {
	GVariantDict *dict;
	guint64 flows, out, in;
};

static void sum_free(gpointer data)
{
	struct sum *sum = data;

	g_variant_dict_unref(sum->dict);
	g_free(sum);
}

static struct sum *sum_new(GVariant *row, const char *const *by, gboolean steps)
{
	struct sum *sum = g_new0(struct sum, 1);
	g_autoptr(GVariant) start = g_variant_lookup_value(row, "start", NULL);

	sum->dict = g_variant_dict_new(NULL);
	for (; *by; by++) {
		g_autoptr(GVariant) value = g_variant_lookup_value(row, *by, NULL);

		if (value)
			g_variant_dict_insert_value(sum->dict, *by, value);
	}
	if (steps && start)
		g_variant_dict_insert_value(sum->dict, "start", start);
	return sum;
}

static char *key_of(GVariant *row, const char *const *by, gboolean steps)
{
	GString *key = g_string_new(NULL);
	g_autoptr(GVariant) start = g_variant_lookup_value(row, "start", NULL);

	for (; *by; by++) {
		g_autoptr(GVariant) value = g_variant_lookup_value(row, *by, NULL);
		g_autofree char *text = value ? g_variant_print(value, FALSE) : g_strdup("");

		g_string_append_printf(key, "%s\n", text);
	}
	if (steps && start)
		g_string_append_printf(key, "%" G_GINT64_FORMAT, g_variant_get_int64(start));
	return g_string_free(key, FALSE);
}

/* In the order in which they are met, as GPtrArray of struct sum. */
static GPtrArray *sums_of(GVariant *rows, GVariant *options, const char *const *by, gboolean steps)
{
	GPtrArray *sums = g_ptr_array_new_with_free_func(sum_free);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GVariantIter iter;
	GVariant *row;

	g_variant_iter_init(&iter, rows);
	for (; (row = g_variant_iter_next_value(&iter)); g_variant_unref(row)) {
		char *key = key_of(row, by, steps);
		struct sum *sum = g_hash_table_lookup(known, key);

		if (!is_wanted(row, options)) {
			g_free(key);
			continue;
		}
		if (!sum) {
			sum = sum_new(row, by, steps);
			g_ptr_array_add(sums, sum);
			g_hash_table_insert(known, g_steal_pointer(&key), sum);
		}
		g_free(key);
		sum->flows += number(row, "flows");
		sum->out += number(row, "bytes-out");
		sum->in += number(row, "bytes-in");
	}
	return sums;
}

/* Of all rows of history in @reply the sums that @args want, as the daemon gives them. */
static GVariant *totals_of(GVariant *reply, GVariant *args)
{
	g_autoptr(GVariant) rows = g_variant_get_child_value(reply, 1);
	g_autoptr(GVariant) options = g_variant_get_child_value(args, 4);
	g_autofree const char **by = NULL;
	g_autoptr(GPtrArray) sums = NULL;
	guint32 skip = 0, limit = G_MAXUINT32, step, span;
	GVariantBuilder page;

	g_variant_get_child(args, 2, "u", &step);
	g_variant_get_child(args, 3, "^a&s", &by);
	g_variant_get_child(reply, 0, "u", &span);
	g_variant_lookup(options, "skip", "u", &skip);
	g_variant_lookup(options, "limit", "u", &limit);
	sums = sums_of(rows, options, by, step != 0);
	g_variant_builder_init(&page, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = skip; i < sums->len && i - skip < limit; i++) {
		struct sum *sum = sums->pdata[i];

		g_variant_dict_insert(sum->dict, "flows", "t", sum->flows);
		g_variant_dict_insert(sum->dict, "bytes-out", "t", sum->out);
		g_variant_dict_insert(sum->dict, "bytes-in", "t", sum->in);
		g_variant_builder_add_value(&page, g_variant_dict_end(sum->dict));
	}
	return g_variant_new("(uaa{sv})", span, &page);
}

static void call_compute(struct answer *answer, GVariant *args, GDBusMethodInvocation *call)
{
	GVariant *reply = answer->compute(args);

	if (reply)
		g_dbus_method_invocation_return_value(call, reply);
	else
		fail(call, "Limit");
}

static void on_call(GDBusConnection *link, const char *sender, const char *path,
		    const char *interface, const char *method, GVariant *args,
		    GDBusMethodInvocation *call, gpointer data)
{
	g_autofree char *name = g_strdup_printf("%s.%s", strrchr(interface, '.') + 1, method);
	struct answer *answer = answer_of(data, name);
	gboolean may_ask = g_dbus_message_get_flags(g_dbus_method_invocation_get_message(call)) &
			   G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;

	g_queue_push_tail(&answer->calls, g_variant_ref(args));
	if (answer->fails)
		fail(call, answer->fails);
	else if (answer->refuses && !may_ask)
		fail(call, answer->refuses);
	else if (answer->compute)
		call_compute(answer, args, call);
	else if (strcmp(name, "Rules.List") == 0)
		g_dbus_method_invocation_return_value(call, page_of(answer->reply, args));
	else if (strcmp(name, "History.Totals") == 0)
		g_dbus_method_invocation_return_value(call, totals_of(answer->reply, args));
	else
		g_dbus_method_invocation_return_value(call, answer->reply);
}

static const GDBusInterfaceVTable vtable = { .method_call = on_call };

static void say_nothing(struct gui_firewall *firewall)
{
	static const char *const lists[] = { "Rules.List", "Rules.Journal", "History.Recent",
					   "Networks.List" };

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		gui_firewall_says(firewall, lists[i], g_variant_new_parsed("(@aa{sv} [],)"));
	gui_firewall_says(firewall, "Manager.GetStatus", g_variant_new_parsed(
		"({'state': <'protecting'>, 'mode': <'normal'>, 'agents': <@u 1>},)"));
	gui_firewall_says(firewall, "Manager.GetSettings", g_variant_new_parsed("(@a{sv} {},)"));
	gui_firewall_says(firewall, "Flows.List", g_variant_new_parsed("(@x 1, @aa{sv} [])"));
	gui_firewall_says(firewall, "History.Totals", g_variant_new_parsed("(@u 60, @aa{sv} [])"));
}

/* A bus for this process alone; its address, which becomes the system's. */
static char *start_bus(struct gui_firewall *firewall)
{
	g_autoptr(GDataInputStream) lines = NULL;
	char *address;

	firewall->bus = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
					 NULL, "dbus-daemon", "--session", "--print-address=1",
					 "--nofork", "--nopidfile", NULL);
	g_assert(firewall->bus);
	lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(firewall->bus));
	g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(lines), FALSE);
	address = g_data_input_stream_read_line(lines, NULL, NULL, NULL);
	g_assert(address);
	g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
	return address;
}

struct gui_firewall *gui_firewall_new(void)
{
	GDBusInterfaceInfo *const faces[] = {
		sp_bus_manager_interface_info(), sp_bus_rules_interface_info(),
		sp_bus_history_interface_info(), sp_bus_flows_interface_info(),
		sp_bus_networks_interface_info(),
	};
	struct gui_firewall *firewall = g_new0(struct gui_firewall, 1);
	g_autofree char *address = start_bus(firewall);

	firewall->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_free);
	firewall->link = g_dbus_connection_new_for_address_sync(address,
		G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
		G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, NULL);
	g_assert(firewall->link);
	for (guint i = 0; i < G_N_ELEMENTS(faces); i++)
		g_dbus_connection_register_object(firewall->link, SP_BUS_PATH, faces[i], &vtable,
						  firewall, NULL, NULL);
	say_nothing(firewall);
	gui_firewall_come(firewall);
	return firewall;
}

void gui_firewall_free(struct gui_firewall *firewall)
{
	g_dbus_connection_close_sync(firewall->link, NULL, NULL);
	g_object_unref(firewall->link);
	g_subprocess_force_exit(firewall->bus);
	g_subprocess_wait(firewall->bus, NULL, NULL);
	g_object_unref(firewall->bus);
	g_hash_table_unref(firewall->answers);
	g_free(firewall);
}

static void name_call(struct gui_firewall *firewall, const char *method, GVariant *args)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_sync(firewall->link,
		"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
		args, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

	g_assert(reply);
}

void gui_firewall_leave(struct gui_firewall *firewall)
{
	name_call(firewall, "ReleaseName", g_variant_new("(s)", SP_BUS_NAME));
}

void gui_firewall_come(struct gui_firewall *firewall)
{
	name_call(firewall, "RequestName", g_variant_new("(su)", SP_BUS_NAME, 0));
}

void gui_firewall_says(struct gui_firewall *firewall, const char *method, GVariant *reply)
{
	struct answer *answer = answer_of(firewall, method);

	g_clear_pointer(&answer->reply, g_variant_unref);
	answer->reply = g_variant_ref_sink(reply);
}

void gui_firewall_computes(struct gui_firewall *firewall, const char *method,
			   GVariant *(*compute)(GVariant *args))
{
	answer_of(firewall, method)->compute = compute;
}

void gui_firewall_refuses(struct gui_firewall *firewall, const char *method, const char *error)
{
	struct answer *answer = answer_of(firewall, method);

	g_free(answer->refuses);
	answer->refuses = g_strdup(error);
}

void gui_firewall_fails(struct gui_firewall *firewall, const char *method, const char *error)
{
	struct answer *answer = answer_of(firewall, method);

	g_free(answer->fails);
	answer->fails = g_strdup(error);
	if (!error)
		g_clear_pointer(&answer->refuses, g_free);
}

void gui_firewall_changed(struct gui_firewall *firewall, const char *interface)
{
	g_autofree char *full = g_strdup_printf("%s.%s", SP_BUS_NAME, interface);

	g_dbus_connection_emit_signal(firewall->link, NULL, SP_BUS_PATH, full, "Changed", NULL,
				      NULL);
}

gboolean gui_firewall_has_call(struct gui_firewall *firewall, const char *method)
{
	return !g_queue_is_empty(&answer_of(firewall, method)->calls);
}

GVariant *gui_firewall_called(struct gui_firewall *firewall, const char *method)
{
	struct answer *answer = answer_of(firewall, method);

	while (g_queue_is_empty(&answer->calls))
		g_main_context_iteration(NULL, TRUE);
	return g_queue_pop_head(&answer->calls);
}

GVariant *gui_rule(guint64 id, const char *text, guint32 owner)
{
	struct sp_text_error error;
	struct sp_rule rule;
	GVariantDict dict;

	g_assert(sp_text_parse(text, strlen(text), owner, NULL, &rule, &error) == 1);
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "id", "t", id);
	g_variant_dict_insert(&dict, "text", "s", text);
	g_variant_dict_insert(&dict, "sentence", "s", "");
	g_variant_dict_insert(&dict, "owner", "u", owner);
	g_variant_dict_insert(&dict, "enabled", "b", rule.enabled);
	g_variant_dict_insert(&dict, "floor", "b", rule.floor);
	g_variant_dict_insert(&dict, "created", "x", (gint64)id * G_USEC_PER_SEC);
	g_variant_dict_insert(&dict, "expires", "x", rule.expires / 1000);
	g_variant_dict_insert(&dict, "note", "s", rule.note ? rule.note : "");
	sp_rule_clear(&rule);
	return g_variant_dict_end(&dict);
}
