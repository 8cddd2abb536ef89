/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What NetworkManager says about the machine's devices, where there is one: which of its
 * connections each has. Over our connection to the bus; it is not started for it, and
 * nobody waits for it.
 *
 * A connection says which network it is only where that one has to prove it: a Wi-Fi
 * with a password, a modem, 802.1X. "Wired connection 1" fits every cable.
 */
#pragma once

#include <gio/gio.h>
#include <net/if.h>

#define SP_CONNECTIONS_MAX	32u	/* active at once; what there is more is passed over */

struct sp_connection {
	char device[IF_NAMESIZE];
	char uuid[40];		/* ASCII */
	char *title;		/* what people call it; harmless text */
	gboolean proven;
};

struct sp_manager;

/* @changed is called when something else may be known. */
struct sp_manager *sp_manager_new(GDBusConnection *bus, void (*changed)(void *data), void *data);
void sp_manager_free(struct sp_manager *manager);	/* NULL is fine */

/* What it said of @device need not hold any more: forgotten, and asked again. */
void sp_manager_forget(struct sp_manager *manager, const char *device);	/* NULL is fine */
/* Is it about to say something? */
gboolean sp_manager_is_busy(const struct sp_manager *manager);
/* NULL: it has none, or it is not known (yet). Valid until the main loop runs again. */
const struct sp_connection *sp_manager_find(const struct sp_manager *manager,
					    const char *device);
