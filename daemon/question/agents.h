/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Agents: connections that offered to put questions to a person. One a
 * connection; gone with it. What is sent to them asks for no reply and is
 * bounded by the questions that one agent may have, so that one that is slow
 * or dead stops nobody.
 */
#pragma once

#include <gio/gio.h>
#include "access/peers.h"

#define SP_AGENTS_MAX		64
#define SP_AGENTS_OF_USER	8
#define SP_AGENT_QUESTIONS	64

struct sp_agents;
struct sp_agent;

typedef void (*sp_agent_event)(struct sp_agent *agent, void *data);

struct sp_agents *sp_agents_new(void);
void sp_agents_free(struct sp_agents *agents);
/* @added: give it what is open. @removed: forget it, it is about to be freed. */
void sp_agents_listen(struct sp_agents *agents, sp_agent_event added,
		      sp_agent_event removed, void *data);

/* @packaged: without a password, as the packaged agent. */
gboolean sp_agents_register(struct sp_agents *agents, GDBusConnection *connection,
			    struct sp_peer *peer, const char *path, gboolean packaged,
			    GError **error);
/* Is another connection of @peer's user registered so? */
gboolean sp_agents_any_packaged(const struct sp_agents *agents, const struct sp_peer *peer);
/* @gone is called when such a one has gone: another may take its place. */
void sp_agents_on_packaged_gone(struct sp_agents *agents, void (*gone)(void *data), void *data);
/* FALSE: there is none. */
gboolean sp_agents_unregister(struct sp_agents *agents, const struct sp_peer *peer);
struct sp_agent *sp_agents_find(const struct sp_agents *agents, const struct sp_peer *peer);

guint sp_agents_count(const struct sp_agents *agents);
struct sp_agent *sp_agents_get(const struct sp_agents *agents, guint index);
guint32 sp_agent_uid(const struct sp_agent *agent);
/* May it, or an agent of the user @asked, be asked about flows of @uid? */
gboolean sp_uid_entitled(guint32 asked, guint32 uid);
gboolean sp_agent_entitled(const struct sp_agent *agent, guint32 uid);
gboolean sp_agents_any(const struct sp_agents *agents, guint32 uid);

/* The signal Questions.Widened, to each agent that may be asked about @owner's flows. */
void sp_agents_widened(const struct sp_agents *agents, guint32 owner, GVariant *arguments);

/* FALSE: it has too many. @question is taken if floating. */
gboolean sp_agent_ask(struct sp_agent *agent, guint64 id, const char *token,
		      GVariant *question);
/* A question that it has, anew: another token, more known. Likewise taken. */
void sp_agent_ask_again(struct sp_agent *agent, guint64 id, const char *token,
			GVariant *question);
void sp_agent_update(struct sp_agent *agent, guint64 id, GVariant *changes);
/* The question is over for it; @reason NULL: it knows. */
void sp_agent_cancel(struct sp_agent *agent, guint64 id, const char *reason);
