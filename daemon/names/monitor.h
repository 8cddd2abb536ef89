/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listens to systemd-resolved's monitor, wherever and whenever it is there. Main loop.
 *
 * It says which names were looked up, not for whom: behind nss-resolve, or where
 * resolved asks its servers over TLS, nothing else says either. Who can make the socket is
 * root or the resolver: its folder is theirs.
 */
#pragma once

#include <glib.h>
#include "told.h"

#define SP_MONITOR_SOCKET "/run/systemd/resolve/io.systemd.Resolve.Monitor"

struct sp_monitor;

struct sp_monitor_handler {
	/* FALSE: it is taken, and nothing more before sp_monitor_go_on(). */
	gboolean (*told)(const struct sp_dns_reply *reply, void *data);
	/* What it said could not be read: names were missed. */
	void (*missed)(void *data);
	void *data;
};

/* @path: the socket's; it, and its folder, need not be there. */
struct sp_monitor *sp_monitor_new(const char *path, const struct sp_monitor_handler *handler);
void sp_monitor_free(struct sp_monitor *monitor);	/* NULL is fine */
/* There is room for what it says: nothing is read before, so that resolved keeps it. */
void sp_monitor_go_on(struct sp_monitor *monitor);	/* NULL is fine */
gboolean sp_monitor_listens(const struct sp_monitor *monitor);
