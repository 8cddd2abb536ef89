/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's networks, read when somebody begins and whenever they change. */
#pragma once

#include <gio/gio.h>

struct sp_known_networks;

/* @listed has what Networks.List says; not called where it may not be seen. */
struct sp_known_networks *sp_known_networks_new(GDBusConnection *bus,
						void (*listed)(GVariant *networks, void *data),
						void *data);
/* The daemon is there; may be called again when it has come back. */
void sp_known_networks_begin(struct sp_known_networks *list);
/* Afterwards @listed is not called any more. */
void sp_known_networks_free(struct sp_known_networks *list);
