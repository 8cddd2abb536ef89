/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon shows on the bus: one exported object with an interface a
 * file. Every method begins at the gate (access/call.h).
 */
#pragma once

#include <gio/gio.h>
#include "access/packaged.h"
#include "access/peers.h"
#include "config.h"
#include "guard.h"
#include "history/history.h"
#include "history/tally.h"
#include "history/watch.h"
#include "network/networks.h"
#include "open_flows.h"
#include "policy_state.h"
#include "question/questions.h"
#include "verdict_link.h"

#define SP_BUS_NAME	"org.sallyport.Firewall1"
#define SP_BUS_PATH	"/org/sallyport/Firewall1"

/* The parts that the interfaces speak for. Owned by the daemon. */
struct sp_parts {
	const struct sp_config *config;
	struct sp_link *link;
	struct sp_policy *policy;
	struct sp_modes *modes;
	struct sp_guard *guard;
	struct sp_policy_files *files;
	struct sp_agents *agents;
	struct sp_questions *questions;
	struct sp_history *history;
	struct sp_tally *tally;
	struct sp_rule_use *use;
	struct sp_flows *flows;
	struct sp_networks *networks;
	struct sp_watch *watch;
	struct sp_store_thread *store;
	const char *damaged;	/* what happened to the store; NULL: nothing */
	gint64 since;		/* µs of CLOCK_REALTIME */
};

/* One connection's view of them. */
struct sp_face {
	const struct sp_parts *parts;
	GDBusConnection *connection;
	struct sp_peers *peers;
	struct sp_packaged *packaged;
	struct sp_imports *imports;
};

GDBusInterfaceSkeleton *sp_face_manager(struct sp_face *face);
GDBusInterfaceSkeleton *sp_face_rules(struct sp_face *face);
GDBusInterfaceSkeleton *sp_face_questions(struct sp_face *face);
GDBusInterfaceSkeleton *sp_face_history(struct sp_face *face);
GDBusInterfaceSkeleton *sp_face_flows(struct sp_face *face);
GDBusInterfaceSkeleton *sp_face_networks(struct sp_face *face);

/* Manager.Changed, Rules.Changed and Networks.Changed, to everybody. */
void sp_face_state_changed(GDBusInterfaceSkeleton *manager);
void sp_face_rules_changed(GDBusInterfaceSkeleton *rules);
void sp_face_networks_changed(GDBusInterfaceSkeleton *networks);

/* To the agents whom it concerns. */
void sp_face_widened(const struct sp_parts *parts, const struct sp_widened *widened);

/* Each key of @options is one of @known ("name", "type", …, NULL) with its type. */
gboolean sp_options_check(GVariant *options, const char *const *known, GError **error);
