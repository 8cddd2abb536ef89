/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a question offers to an agent: how far an answer may reach, how long it
 * may last, and the rule that each would make. Nothing else is ever made of an
 * answer.
 */
#pragma once

#include <glib.h>
#include "rule.h"
#include "verdict.h"

enum sp_scope {
	SP_SCOPE_HOST_PORT,
	SP_SCOPE_HOST,
	SP_SCOPE_DOMAIN,	/* that the host belongs to, with all hosts in it */
	SP_SCOPE_ADDRESS,	/* where the host has a name */
	SP_SCOPE_PORT,
	SP_SCOPE_ANYTHING,
	SP_SCOPES,
};

enum sp_lifetime {
	SP_LIFETIME_ONCE,
	SP_LIFETIME_QUIT,	/* until the program quits */
	SP_LIFETIME_15M,
	SP_LIFETIME_1H,
	SP_LIFETIME_LOGOUT,	/* until the person asked logs out */
	SP_LIFETIME_REBOOT,
	SP_LIFETIME_ALWAYS,
	SP_LIFETIMES,
};

struct sp_offer {
	gboolean offered[SP_SCOPES];
	struct sp_rule rules[SP_SCOPES];	/* "allow", of those offered */
	gboolean lasting;			/* FALSE: only "once", and no rule */
	gboolean fleeting;			/* rules are about the process: "quit" at most */
	char hash[65];				/* "": else each also for this version alone */
	/* What lifetimes end with; what is not known is not offered. */
	guint64 process, cgroup;
	char *boot, *session;
	enum sp_lifetime lifetime;		/* suggested */
};

/*
 * Where one of the machine's resolvers said what the remote is called, "host" means
 * that name; else its address.
 *
 * Rules are about the program's path; where it has none of its own, about the AppImage
 * that it is out of, or the unit of the container or hardened service that it is in; else
 * about the process and its children of the same file, and end with it.
 *
 * For the agents of @agent_uid. @ask: the rule that asked; NULL: the default.
 * @others_write: not root alone can change the program's file, so an answer may be for
 * what it is now.
 * A lasting answer is offered only where its rule would win over @ask, and a
 * rule of the system that asks takes root's.
 */
void sp_offer_init(struct sp_offer *offer, const struct sp_waiting *waiting,
		   const struct sp_rule *ask, gboolean others_write, guint32 agent_uid);
void sp_offer_clear(struct sp_offer *offer);

const char *sp_scope_name(enum sp_scope scope);
const char *sp_lifetime_name(enum sp_lifetime lifetime);
/*
 * FALSE: not offered. @version: the name ends with "/this-version", for the file as it
 * is now.
 */
gboolean sp_offer_find_scope(const struct sp_offer *offer, const char *name,
			     enum sp_scope *scope, gboolean *version);
gboolean sp_offer_find_lifetime(const struct sp_offer *offer, const char *name,
				enum sp_lifetime *lifetime);

/* The rule of an answer; the caller clears it. Not for ONCE. */
void sp_offer_rule(const struct sp_offer *offer, enum sp_scope scope, gboolean version,
		   enum sp_lifetime lifetime, enum sp_action action, guint32 maker,
		   struct sp_rule *rule);

/* a(sss) and as of the question (see the interface Agent). */
GVariant *sp_offer_scopes(const struct sp_offer *offer);
GVariant *sp_offer_lifetimes(const struct sp_offer *offer);

/* Is the uid a service's, and no person's? */
gboolean sp_uid_is_system(guint32 uid);
