/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which networks the machine is in, and what people call them: what rules mean with
 * "network". A network is where a device leads to. It is known by its id:
 *
 *	connection:UUID			NetworkManager's, where the network had to prove
 *					itself (manager.h)
 *	gateway:HARDWARE/ADDRESS	the default gateway's addresses
 *	device:NAME			of a tunnel, a modem, or a device that root made
 *
 * and has a name only if somebody who may has given it one. A device whose network nobody
 * named is told to the verdict thread as none: no rule with a network allows anything
 * there, each that denies does. So no switch by itself reaches what was not confirmed.
 * While it is being found out where a device leads to, flows wait, a few seconds at most.
 */
#pragma once

#include <gio/gio.h>
#include "named.h"
#include "verdict_link.h"

struct sp_networks;

/* One that has a name, or that the machine is in. */
struct sp_network {
	const char *id;		/* NULL: there is nothing to know it by */
	const char *name;	/* "": it has none */
	const char *title;	/* what it looks like; harmless text */
	const char *device;	/* that leads to it now, or NULL */
	gboolean leads_out;	/* … to the internet, as far as routes tell */
	gboolean asks;		/* somebody should say which it is */
	guint32 maker;		/* of the name */
	gint64 since;		/* of the name; µs of CLOCK_REALTIME, 0: never */
};

/* @error NULL: kept and in force. */
typedef void (*sp_networks_done)(const GError *error, void *data);

/*
 * @bus: there will be one. @former: what networks are to be called again, before anything is
 * told; what can't be kept stays as it is; or NULL. @changed is called whenever the list may
 * be another.
 */
struct sp_networks *sp_networks_new(const char *folder, struct sp_link *link, gboolean bus,
				    const struct sp_named_list *former,
				    void (*changed)(void *data), void *data);
void sp_networks_free(struct sp_networks *networks);	/* NULL is fine */

/* There is a bus, or (NULL) none any more. */
void sp_networks_set_bus(struct sp_networks *networks, GDBusConnection *bus);

/* What is in it is valid until the main loop runs again. */
GArray *sp_networks_list(const struct sp_networks *networks);

/* What it looks like, or looked; NULL: there is none with this id. Valid likewise. */
const char *sp_networks_title(const struct sp_networks *networks, const char *id);
/* What somebody said of it; NULL: nothing. Valid likewise. */
const struct sp_named *sp_networks_named(const struct sp_networks *networks, const char *id);
/* What a rule may call a network, and is not too long to be one? */
gboolean sp_network_is_name(const char *name);

/*
 * Errors: NO_SUCH_NETWORK, unless the machine is in it or it has a name; LIMIT, NOT_SAVED,
 * NOT_READY.
 */
void sp_networks_name(struct sp_networks *networks, const char *id, const char *name,
		      guint32 maker, sp_networks_done done, void *data);
/* Nobody wants to say; one that has a name keeps it. */
void sp_networks_ignore(struct sp_networks *networks, const char *id, guint32 maker,
			sp_networks_done done, void *data);
/* It has no name, and is asked about when it is met. */
void sp_networks_forget(struct sp_networks *networks, const char *id, guint32 maker,
			sp_networks_done done, void *data);
/* It is called as it was before, by what sp_networks_named() said, or not at all (since 0). */
void sp_networks_restore(struct sp_networks *networks, const struct sp_named *former,
			 sp_networks_done done, void *data);
