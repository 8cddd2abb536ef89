/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks which network this is, by a notification, when the machine is in one that nobody
 * named. What is chosen there is carried out only with the password that naming a network
 * takes: whoever pretends to be a notification server has nothing from it.
 */
#pragma once

#include <gio/gio.h>
#include "notifier.h"

#define SP_NETWORKS_KEY	"network"	/* of the notification */

struct sp_networks;

/* Neither is its own. */
struct sp_networks *sp_networks_new(GDBusConnection *bus, struct sp_notifier *notifier);
void sp_networks_free(struct sp_networks *networks);

/* The daemon is there: asks now, and when it says that something changed. */
void sp_networks_begin(struct sp_networks *networks);
/* Something was chosen in the notification. */
void sp_networks_chosen(struct sp_networks *networks, const char *action);
