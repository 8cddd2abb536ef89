/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's own resolvers, as its configuration has them: those that programs
 * are told (/etc/resolv.conf), and those that a local one asks (systemd-resolved,
 * NetworkManager, dnsmasq). Read again when these files change. Main loop.
 */
#pragma once

#include <glib.h>

#define SP_RESOLVERS_READ 16

struct sp_resolver_list {
	gsize count;
	guint8 addresses[SP_RESOLVERS_READ][16];	/* IPv4 as ::ffff:a.b.c.d */
};

/* Adds those of a file in the format of resolv.conf(5) that are not there yet. */
void sp_resolvers_parse(const char *text, gsize length, struct sp_resolver_list *list);

struct sp_resolvers;

/* @changed is called when there are others than before; at first there are none. */
struct sp_resolvers *sp_resolvers_new(const char *const *paths,
				      void (*changed)(const struct sp_resolver_list *list,
						      void *data),
				      void *data);
void sp_resolvers_free(struct sp_resolvers *resolvers);	/* NULL is fine */

/* Where they are on a machine, ended by NULL. */
extern const char *const sp_resolver_paths[];
