/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake-daemon INTERFACES.XML: a daemon that does what its standard input says.
 * Each call it gets is a line on standard output, "call METHOD ARGUMENTS". Its
 * commands, a line each; the VALUE is GVariant text:
 *
 *	reply METHOD VALUE	what METHOD, or INTERFACE.METHOD, returns from now on
 *	error METHOD NAME TEXT	it fails instead
 *	hold METHOD		it does not return
 *	ask ID VALUE		a question for the agent, an a{sv}
 *	update ID VALUE
 *	cancel ID REASON
 *	records VALUE		the signal, "(aa{sv}, uint32)"
 *	leave, own		the name goes, comes back
 */
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>

#define NAME	"org.sallyport.Firewall1"
#define PATH	"/org/sallyport/Firewall1"

static GDBusConnection *bus;
static GHashTable *plans;	/* method → struct plan */
static char *client;		/* who called last */
static char *agent, *agents;	/* where an agent is; whose it is */
static guint name;

struct plan {
	GVariant *reply;
	char *error, *text;
	gboolean hold;
};

static void plan_free(gpointer data)
{
	struct plan *plan = data;

	g_clear_pointer(&plan->reply, g_variant_unref);
	g_free(plan->error);
	g_free(plan->text);
	g_free(plan);
}

static struct plan *new_plan(const char *method)
{
	struct plan *plan = g_new0(struct plan, 1);

	g_hash_table_replace(plans, g_strdup(method), plan);
	return plan;
}

static void tell(const char *method, GVariant *args)
{
	g_autofree char *text = g_variant_print(args, FALSE);

	printf("call %s %s\n", method, text);
	fflush(stdout);
}

static void remember(const char *sender, const char *method, GVariant *args)
{
	g_free(client);
	client = g_strdup(sender);
	if (strcmp(method, "RegisterAgent") == 0) {
		g_free(agent);
		g_free(agents);
		agents = g_strdup(sender);
		g_variant_get(args, "(o@a{sv})", &agent, NULL);
	}
}

/* What is said of the interface's goes before what is said of all that have it. */
static struct plan *find_plan(const char *interface, const char *method)
{
	g_autofree char *full = g_strconcat(interface + strlen(NAME "."), ".", method, NULL);
	struct plan *plan = g_hash_table_lookup(plans, full);

	return plan ? plan : g_hash_table_lookup(plans, method);
}

static void called(GDBusConnection *connection, const char *sender, const char *path,
		   const char *interface, const char *method, GVariant *args,
		   GDBusMethodInvocation *call, gpointer data)
{
	struct plan *plan = find_plan(interface, method);
	GDBusArgInfo **results = g_dbus_method_invocation_get_method_info(call)->out_args;

	remember(sender, method, args);
	tell(method, args);
	if (plan && plan->hold)
		return;
	if (plan && plan->error)
		g_dbus_method_invocation_return_dbus_error(call, plan->error, plan->text);
	else if (plan)
		g_dbus_method_invocation_return_value(call, plan->reply);
	else if (!results || !*results)
		g_dbus_method_invocation_return_value(call, NULL);
	else
		g_dbus_method_invocation_return_dbus_error(call, "test.NotTold", method);
}

static GVariant *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	GVariant *value = g_variant_parse(NULL, text, NULL, NULL, &error);

	if (!value)
		g_error("%s: %s", text, error->message);
	return value;
}

static void call_agent(const char *method, GVariant *args)
{
	g_dbus_connection_call(bus, agents, agent, NAME ".Agent", method, args, NULL,
			       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

static void own(void)
{
	name = g_bus_own_name_on_connection(bus, NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
					    NULL, NULL, NULL, NULL);
}

/* @a is the first word after the command, @rest what follows it. */
static void plan_command(const char *command, const char *a, const char *rest)
{
	if (!strcmp(command, "reply")) {
		new_plan(a)->reply = g_variant_ref_sink(parse(rest));
	} else if (!strcmp(command, "hold")) {
		new_plan(a)->hold = TRUE;
	} else if (!strcmp(command, "error")) {
		g_auto(GStrv) words = g_strsplit(rest, " ", 2);
		struct plan *plan = new_plan(a);

		plan->error = g_strdup(words[0]);
		plan->text = g_strdup(words[1]);
	}
}

static void agent_command(const char *command, const char *a, const char *rest)
{
	guint64 id = g_ascii_strtoull(a, NULL, 10);

	if (!strcmp(command, "ask"))
		call_agent("Ask", g_variant_new("(ts@a{sv})", id, "token", parse(rest)));
	else if (!strcmp(command, "update"))
		call_agent("Update", g_variant_new("(t@a{sv})", id, parse(rest)));
	else if (!strcmp(command, "cancel"))
		call_agent("Cancel", g_variant_new("(ts)", id, rest));
}

static void run_command(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	const char *a = words[0] && words[1] ? words[1] : "";
	const char *rest = *a && words[2] ? words[2] : "";

	if (!strcmp(line, "leave"))
		g_bus_unown_name(name);
	else if (!strcmp(line, "own"))
		own();
	else if (g_str_has_prefix(line, "records "))
		g_dbus_connection_emit_signal(bus, client, PATH, NAME ".History", "Records",
					      parse(line + strlen("records ")), NULL);
	else {
		plan_command(words[0], a, rest);
		agent_command(words[0], a, rest);
	}
	puts("done");
	fflush(stdout);
}

static void read_line(GObject *input, GAsyncResult *result, gpointer data)
{
	g_autofree char *line = g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(input),
								     result, NULL, NULL);

	if (!line) {
		g_main_loop_quit(data);
		return;
	}
	run_command(line);
	g_data_input_stream_read_line_async(G_DATA_INPUT_STREAM(input), 0, NULL,
					    read_line, data);
}

static void export(const char *file)
{
	static const GDBusInterfaceVTable vtable = { .method_call = called };
	g_autofree char *xml = NULL;
	GDBusNodeInfo *node;

	if (!g_file_get_contents(file, &xml, NULL, NULL))
		g_error("can't read %s", file);
	node = g_dbus_node_info_new_for_xml(xml, NULL);
	for (GDBusInterfaceInfo **i = node->interfaces; *i; i++)
		if (strcmp((*i)->name, NAME ".Agent") != 0)
			g_dbus_connection_register_object(bus, PATH, *i, &vtable, NULL, NULL, NULL);
	g_dbus_node_info_unref(node);
}

int main(int argc, char **argv)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GInputStream) input = g_unix_input_stream_new(0, FALSE);
	g_autoptr(GDataInputStream) lines = g_data_input_stream_new(input);

	plans = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, plan_free);
	bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, NULL);
	if (!bus || argc != 2)
		return 1;
	export(argv[1]);
	own();
	g_data_input_stream_read_line_async(lines, 0, NULL, read_line, loop);
	g_main_loop_run(loop);
	g_hash_table_unref(plans);
	return 0;
}
