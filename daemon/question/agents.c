/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See agents.h. An agent holds its peer, which tells when the connection goes. */
#include "agents.h"

#include <string.h>
#include "errors.h"
#include "log.h"
#include "offer.h"

#define INTERFACE	"org.sallyport.Firewall1.Agent"

struct sp_agent {
	struct sp_agents *agents;
	GDBusConnection *connection;
	struct sp_peer *peer;
	char *path;
	guint32 uid;
	gboolean packaged;
	guint questions;
};

struct sp_agents {
	GPtrArray *all;		/* struct sp_agent */
	sp_agent_event added, removed;
	void *data;
	void (*packaged_gone)(void *data);
	void *packaged_data;
};

struct sp_agents *sp_agents_new(void)
{
	struct sp_agents *agents = g_new0(struct sp_agents, 1);

	agents->all = g_ptr_array_new();
	return agents;
}

void sp_agents_listen(struct sp_agents *agents, sp_agent_event added,
		      sp_agent_event removed, void *data)
{
	agents->added = added;
	agents->removed = removed;
	agents->data = data;
}

void sp_agents_on_packaged_gone(struct sp_agents *agents, void (*gone)(void *data), void *data)
{
	agents->packaged_gone = gone;
	agents->packaged_data = data;
}

static void agent_remove(struct sp_agent *agent)
{
	struct sp_agents *agents = agent->agents;
	gboolean packaged = agent->packaged;

	g_ptr_array_remove(agents->all, agent);
	if (agents->removed)
		agents->removed(agent, agents->data);
	sp_log_info("agent %s of uid %u is gone", sp_peer_name(agent->peer), agent->uid);
	sp_peer_forget(agent->peer, agent);
	sp_peer_release(agent->peer);
	g_object_unref(agent->connection);
	g_free(agent->path);
	g_free(agent);
	if (packaged && agents->packaged_gone)
		agents->packaged_gone(agents->packaged_data);
}

void sp_agents_free(struct sp_agents *agents)
{
	if (!agents)
		return;
	while (agents->all->len)
		agent_remove(agents->all->pdata[0]);
	g_ptr_array_unref(agents->all);
	g_free(agents);
}

static void on_gone(struct sp_peer *peer, void *data)
{
	agent_remove(data);
}

static guint count_of(const struct sp_agents *agents, guint32 uid)
{
	guint count = 0;

	for (guint i = 0; i < agents->all->len; i++)
		count += sp_agents_get(agents, i)->uid == uid;
	return count;
}

static gboolean may_register(struct sp_agents *agents, struct sp_peer *peer, const char *path,
			     GError **error)
{
	int code = SP_ERROR_LIMIT;
	const char *why = NULL;

	if (strlen(path) > 255) {
		code = SP_ERROR_INVALID_ARGUMENT;
		why = "the path is too long";
	} else if (sp_agents_find(agents, peer)) {
		why = "this connection has an agent";
	} else if (agents->all->len >= SP_AGENTS_MAX) {
		why = "there are too many agents";
	} else if (count_of(agents, sp_peer_uid(peer)) >= SP_AGENTS_OF_USER) {
		why = "this user has too many agents";
	}
	if (why)
		g_set_error_literal(error, SP_ERROR, code, why);
	return !why;
}

gboolean sp_agents_register(struct sp_agents *agents, GDBusConnection *connection,
			    struct sp_peer *peer, const char *path, gboolean packaged,
			    GError **error)
{
	struct sp_agent *agent;

	if (!may_register(agents, peer, path, error))
		return FALSE;
	agent = g_new0(struct sp_agent, 1);
	agent->agents = agents;
	agent->connection = g_object_ref(connection);
	agent->peer = sp_peer_hold(peer);
	agent->path = g_strdup(path);
	agent->uid = sp_peer_uid(peer);
	agent->packaged = packaged;
	g_ptr_array_add(agents->all, agent);
	sp_peer_when_gone(peer, on_gone, agent);
	sp_log_info("agent %s of uid %u registered", sp_peer_name(peer), agent->uid);
	if (agents->added)
		agents->added(agent, agents->data);
	return TRUE;
}

gboolean sp_agents_any_packaged(const struct sp_agents *agents, const struct sp_peer *peer)
{
	for (guint i = 0; i < agents->all->len; i++) {
		const struct sp_agent *agent = agents->all->pdata[i];

		if (agent->packaged && agent->peer != peer && agent->uid == sp_peer_uid(peer))
			return TRUE;
	}
	return FALSE;
}

gboolean sp_agents_unregister(struct sp_agents *agents, const struct sp_peer *peer)
{
	struct sp_agent *agent = sp_agents_find(agents, peer);

	if (agent)
		agent_remove(agent);
	return agent != NULL;
}

struct sp_agent *sp_agents_find(const struct sp_agents *agents, const struct sp_peer *peer)
{
	for (guint i = 0; i < agents->all->len; i++)
		if (sp_agents_get(agents, i)->peer == peer)
			return agents->all->pdata[i];
	return NULL;
}

guint sp_agents_count(const struct sp_agents *agents)
{
	return agents->all->len;
}

struct sp_agent *sp_agents_get(const struct sp_agents *agents, guint index)
{
	return agents->all->pdata[index];
}

guint32 sp_agent_uid(const struct sp_agent *agent)
{
	return agent->uid;
}

gboolean sp_uid_entitled(guint32 asked, guint32 uid)
{
	return asked == 0 || (asked == uid && !sp_uid_is_system(uid));
}

gboolean sp_agent_entitled(const struct sp_agent *agent, guint32 uid)
{
	return sp_uid_entitled(agent->uid, uid);
}

gboolean sp_agents_any(const struct sp_agents *agents, guint32 uid)
{
	for (guint i = 0; i < agents->all->len; i++)
		if (sp_agent_entitled(agents->all->pdata[i], uid))
			return TRUE;
	return FALSE;
}

static void send(struct sp_agent *agent, const char *method, GVariant *body)
{
	g_autoptr(GDBusMessage) message = NULL;

	message = g_dbus_message_new_method_call(sp_peer_name(agent->peer), agent->path,
						 INTERFACE, method);
	g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED |
				 G_DBUS_MESSAGE_FLAGS_NO_AUTO_START);
	g_dbus_message_set_body(message, body);
	g_dbus_connection_send_message(agent->connection, message,
				       G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

void sp_agents_widened(const struct sp_agents *agents, guint32 owner, GVariant *arguments)
{
	g_autoptr(GVariant) body = g_variant_ref_sink(arguments);

	for (guint i = 0; i < agents->all->len; i++) {
		const struct sp_agent *agent = agents->all->pdata[i];

		/* The system's rules are about everybody. */
		if (owner == SP_SYSTEM || sp_agent_entitled(agent, owner))
			g_dbus_connection_emit_signal(agent->connection, sp_peer_name(agent->peer),
						      "/org/sallyport/Firewall1",
						      "org.sallyport.Firewall1.Questions",
						      "Widened", body, NULL);
	}
}

gboolean sp_agent_ask(struct sp_agent *agent, guint64 id, const char *token,
		      GVariant *question)
{
	if (agent->questions >= SP_AGENT_QUESTIONS) {
		g_variant_unref(g_variant_ref_sink(question));
		return FALSE;
	}
	agent->questions++;
	sp_agent_ask_again(agent, id, token, question);
	return TRUE;
}

void sp_agent_ask_again(struct sp_agent *agent, guint64 id, const char *token,
			GVariant *question)
{
	send(agent, "Ask", g_variant_new("(ts@a{sv})", id, token, question));
}

void sp_agent_update(struct sp_agent *agent, guint64 id, GVariant *changes)
{
	send(agent, "Update", g_variant_new("(t@a{sv})", id, changes));
}

void sp_agent_cancel(struct sp_agent *agent, guint64 id, const char *reason)
{
	g_assert(agent->questions);
	agent->questions--;
	if (reason)
		send(agent, "Cancel", g_variant_new("(ts)", id, reason));
}
