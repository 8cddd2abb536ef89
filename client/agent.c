/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An agent on the bus. @owner is the daemon's unique name while it is there;
 * a call counts only if it comes from it, for anybody may call our object.
 * Replies that arrive after the agent's end find @agent NULL in their request.
 *
 * It has a connection of its own, made each time after we introduced ourselves over
 * the shared one: so the daemon knows whose it is (Questions.Introduce).
 */
#include "agent.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "bus.h"
#include "error.h"
#include "sp-bus.h"

#define AGENT_PATH "/org/sallyport/Agent"

struct sp_agent {
	GDBusConnection *bus;
	GDBusConnection *own;	/* NULL: none (yet) */
	SpBusAgent *skeleton;
	char *kind;
	char *owner;
	guint watch, widened, changed;
	gboolean found;		/* and not gone on yet */
	gboolean password;	/* it may be asked for */
	gboolean asked;		/* it was, and was not given */
	gboolean registered;
	const struct sp_agent_calls *calls;
	void *data;
	GPtrArray *requests;	/* not answered yet; they belong to their call */
};

struct request {
	struct sp_agent *agent;	/* NULL: gone meanwhile */
	guint64 id;
};

static struct request *request_new(struct sp_agent *agent, guint64 id)
{
	struct request *request = g_new0(struct request, 1);

	request->agent = agent;
	request->id = id;
	g_ptr_array_add(agent->requests, request);
	return request;
}

/* The end of a request: its agent, or NULL. */
static struct sp_agent *request_end(struct request *request)
{
	struct sp_agent *agent = request->agent;

	if (agent)
		g_ptr_array_remove_fast(agent->requests, request);
	g_free(request);
	return agent;
}

static gboolean from_daemon(struct sp_agent *agent, GDBusMethodInvocation *call)
{
	if (g_strcmp0(g_dbus_method_invocation_get_sender(call), agent->owner) == 0)
		return TRUE;
	g_dbus_method_invocation_return_dbus_error(call,
		"org.freedesktop.DBus.Error.AccessDenied", "only for sallyportd");
	return FALSE;
}

static gboolean handle_ask(SpBusAgent *skeleton, GDBusMethodInvocation *call,
			   guint64 id, const char *token, GVariant *dict,
			   struct sp_agent *agent)
{
	struct sp_question *question;

	if (!from_daemon(agent, call))
		return TRUE;
	question = sp_question_new(id, token, dict);
	if (question)
		agent->calls->ask(question, agent->data);
	sp_bus_agent_complete_ask(skeleton, call);
	return TRUE;
}

static gboolean handle_update(SpBusAgent *skeleton, GDBusMethodInvocation *call,
			      guint64 id, GVariant *changes, struct sp_agent *agent)
{
	if (!from_daemon(agent, call))
		return TRUE;
	agent->calls->update(id, changes, agent->data);
	sp_bus_agent_complete_update(skeleton, call);
	return TRUE;
}

static gboolean handle_cancel(SpBusAgent *skeleton, GDBusMethodInvocation *call,
			      guint64 id, const char *reason, struct sp_agent *agent)
{
	if (!from_daemon(agent, call))
		return TRUE;
	agent->calls->cancel(id, reason, agent->data);
	sp_bus_agent_complete_cancel(skeleton, call);
	return TRUE;
}

static void on_widened(GDBusConnection *bus, const char *sender, const char *path,
		       const char *interface, const char *signal, GVariant *args, gpointer data)
{
	g_autoptr(GVariant) rules = NULL;
	struct sp_agent *agent = data;
	guint32 count, maker;

	if (g_strcmp0(sender, agent->owner) != 0 ||
	    !g_variant_is_of_type(args, G_VARIANT_TYPE("(aa{sv}uus)")))
		return;
	g_variant_get(args, "(@aa{sv}uu&s)", &rules, &count, &maker, NULL);
	agent->calls->widened(rules, count, maker, agent->data);
}

static void register_agent(struct sp_agent *agent, gboolean password);

static void registered(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = sp_bus_call_finish(bus, result, &error);
	struct sp_agent *agent = request_end(data);

	if (!agent)
		return;
	agent->registered = reply != NULL;
	if (!agent->password && !agent->asked && agent->own &&
	    g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_AUTHORISED)) {
		agent->calls->unknown(agent->data);
		register_agent(agent, TRUE);
	} else if (reply)
		agent->calls->registered(agent->data);
	else
		agent->calls->lost(error, agent->data);
}

static void close_own(struct sp_agent *agent)
{
	if (!agent->own)
		return;
	g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(agent->skeleton));
	if (agent->widened)
		g_dbus_connection_signal_unsubscribe(agent->own, agent->widened);
	agent->widened = 0;
	g_dbus_connection_close_sync(agent->own, NULL, NULL);	/* sends what waits, too */
	g_clear_object(&agent->own);
}

static void register_agent(struct sp_agent *agent, gboolean password)
{
	GVariantDict options;
	GVariant *arguments;

	agent->password = password;
	agent->asked |= password;
	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "kind", "s", agent->kind);
	arguments = g_variant_new("(o@a{sv})", AGENT_PATH, g_variant_dict_end(&options));
	if (password)
		sp_bus_call_async(agent->own, "Questions", "RegisterAgent", arguments, registered,
				  request_new(agent, 0));
	else
		g_dbus_connection_call(agent->own, SP_BUS_NAME, SP_BUS_PATH,
				       SP_BUS_NAME ".Questions", "RegisterAgent", arguments, NULL,
				       G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, NULL, registered,
				       request_new(agent, 0));
}

/* On our own connection. */
static void begin(struct sp_agent *agent)
{
	GError *error = NULL;

	g_dbus_connection_set_exit_on_close(agent->own, FALSE);
	if (!g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(agent->skeleton),
					      agent->own, AGENT_PATH, &error)) {
		agent->calls->lost(error, agent->data);
		g_error_free(error);
		return;
	}
	if (agent->calls->widened)
		agent->widened = g_dbus_connection_signal_subscribe(agent->own, SP_BUS_NAME,
			SP_BUS_NAME ".Questions", "Widened", SP_BUS_PATH, NULL,
			G_DBUS_SIGNAL_FLAGS_NONE, on_widened, agent, NULL);
	register_agent(agent, agent->calls->unknown == NULL);
}

static void connected(GObject *source, GAsyncResult *result, gpointer data)
{
	GError *error = NULL;
	GDBusConnection *own = g_dbus_connection_new_for_address_finish(result, &error);
	struct sp_agent *agent = request_end(data);

	if (agent && own && agent->owner) {
		close_own(agent);
		agent->own = g_steal_pointer(&own);
		begin(agent);
	} else if (agent && error) {
		sp_client_error_translate(&error);
		agent->calls->lost(error, agent->data);
	}
	if (own)
		g_dbus_connection_close(own, NULL, NULL, NULL);
	g_clear_object(&own);
	g_clear_error(&error);
}

/* Whether or not it could be: then a password may be wanted. */
static void introduced(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  NULL);
	struct sp_agent *agent = request_end(data);
	g_autofree char *address = NULL;

	if (!agent)
		return;
	address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, NULL, NULL);
	g_dbus_connection_new_for_address(address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
					  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL,
					  connected, request_new(agent, 0));
}

static void introduce(struct sp_agent *agent)
{
	sp_bus_call_async(agent->bus, "Questions", "Introduce", NULL, introduced,
			  request_new(agent, 0));
}

void sp_agent_go_on(struct sp_agent *agent)
{
	if (!agent->found)	/* it went meanwhile */
		return;
	agent->found = FALSE;
	introduce(agent);
}

static void appeared(GDBusConnection *bus, const char *name, const char *owner,
		     gpointer data)
{
	struct sp_agent *agent = data;

	g_free(agent->owner);
	agent->owner = g_strdup(owner);
	agent->asked = FALSE;
	agent->found = TRUE;
	if (agent->calls->found)
		agent->calls->found(agent->data);
	else
		sp_agent_go_on(agent);
}

/*
 * Without the module nobody is known for what he is, and another agent of the person's may
 * have been there first: when that has changed it is tried again, without a password.
 */
static void on_changed(GDBusConnection *bus, const char *sender, const char *path,
		       const char *interface, const char *signal, GVariant *args, gpointer data)
{
	struct sp_agent *agent = data;

	if (agent->found || agent->registered || agent->requests->len ||
	    g_strcmp0(sender, agent->owner) != 0)
		return;
	close_own(agent);
	introduce(agent);
}

static void vanished(GDBusConnection *bus, const char *name, gpointer data)
{
	struct sp_agent *agent = data;
	GError *error = g_error_new_literal(G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER, "");

	g_clear_pointer(&agent->owner, g_free);
	agent->found = FALSE;
	agent->registered = FALSE;
	close_own(agent);
	sp_client_error_translate(&error);
	agent->calls->lost(error, agent->data);
	g_error_free(error);
}

static void make_skeleton(struct sp_agent *agent)
{
	agent->skeleton = sp_bus_agent_skeleton_new();
	g_signal_connect(agent->skeleton, "handle-ask", G_CALLBACK(handle_ask), agent);
	g_signal_connect(agent->skeleton, "handle-update", G_CALLBACK(handle_update), agent);
	g_signal_connect(agent->skeleton, "handle-cancel", G_CALLBACK(handle_cancel), agent);
}

struct sp_agent *sp_agent_new(GDBusConnection *bus, const char *kind,
			      const struct sp_agent_calls *calls, void *data)
{
	struct sp_agent *agent = g_new0(struct sp_agent, 1);

	agent->bus = g_object_ref(bus);
	agent->kind = g_strdup(kind);
	agent->calls = calls;
	agent->data = data;
	agent->requests = g_ptr_array_new();
	make_skeleton(agent);
	if (strcmp(kind, "desktop") == 0)
		agent->changed = g_dbus_connection_signal_subscribe(bus, SP_BUS_NAME,
			SP_BUS_NAME ".Manager", "Changed", SP_BUS_PATH, NULL,
			G_DBUS_SIGNAL_FLAGS_NONE, on_changed, agent, NULL);
	agent->watch = g_bus_watch_name_on_connection(bus, SP_BUS_NAME,
						      G_BUS_NAME_WATCHER_FLAGS_NONE,
						      appeared, vanished, agent, NULL);
	return agent;
}

void sp_agent_free(struct sp_agent *agent)
{
	if (!agent)
		return;
	if (agent->watch)
		g_bus_unwatch_name(agent->watch);
	if (agent->changed)
		g_dbus_connection_signal_unsubscribe(agent->bus, agent->changed);
	close_own(agent);
	g_signal_handlers_disconnect_by_data(agent->skeleton, agent);
	for (guint i = 0; i < agent->requests->len; i++)
		((struct request *)g_ptr_array_index(agent->requests, i))->agent = NULL;
	g_ptr_array_unref(agent->requests);
	g_object_unref(agent->skeleton);
	g_object_unref(agent->bus);
	g_free(agent->kind);
	g_free(agent->owner);
	g_free(agent);
}

static void replied(GObject *bus, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = sp_bus_call_finish(bus, result, &error);
	guint64 id = ((struct request *)data)->id, rule = 0;
	struct sp_agent *agent = request_end(data);

	if (!agent)
		return;
	if (reply && g_variant_is_of_type(reply, G_VARIANT_TYPE("(t)")))
		g_variant_get(reply, "(t)", &rule);
	agent->calls->replied(id, rule, error, agent->data);
}

/* With none of our own there is no question either; the daemon says so. */
static GDBusConnection *line(struct sp_agent *agent)
{
	return agent->own ? agent->own : agent->bus;
}

void sp_agent_answer(struct sp_agent *agent, guint64 id, const char *token,
		     const char *action, const char *scope, const char *lifetime)
{
	sp_bus_call_async(line(agent), "Questions", "Answer",
			  g_variant_new("(tssss)", id, token, action, scope, lifetime),
			  replied, request_new(agent, id));
}

void sp_agent_dismiss(struct sp_agent *agent, guint64 id, const char *token)
{
	sp_bus_call_async(line(agent), "Questions", "Dismiss",
			  g_variant_new("(ts)", id, token),
			  replied, request_new(agent, id));
}

void sp_agent_hold(struct sp_agent *agent, guint64 id, const char *token, gboolean held)
{
	g_dbus_connection_call(line(agent), SP_BUS_NAME, SP_BUS_PATH, SP_BUS_NAME ".Questions",
			       "Hold", g_variant_new("(tsb)", id, token, held), NULL,
			       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

gboolean sp_agent_error_is_final(const GError *error)
{
	return g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_SAVED) ||
	       g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_READY) ||
	       g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_QUESTION) ||
	       g_error_matches(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NOT_REACHABLE);
}
