/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values in words: times, sizes, ends of connections, users. Translated. */
#pragma once

#include <glib.h>

/* Local time, µs: "14:02:11" today, else "2026-03-01 14:02"; 0: "". */
char *sp_format_time(gint64 time, gint64 now);

char *sp_format_bytes(guint64 bytes);	/* "1.2 kB" */

/* The name of a record's or question's far end that counts for rules; "": none does. */
const char *sp_format_sure_host(GVariant *dict);
/*
 * What the far end of a record or question is called: "shop.test" where its program
 * asked for that name, "192.0.2.2, perhaps shop.test" where it may be that; else
 * the address.
 */
char *sp_format_remote(GVariant *dict);
/*
 * The far end as people read it: "192.0.2.2 port 80", "2001:db8::1 port 22",
 * for inbound "192.0.2.9 to port 22". Port 0: the address alone.
 */
char *sp_format_peer(const char *direction, const char *remote,
		     guint remote_port, guint local_port);
/* "curl → 192.0.2.2 port 80", "sshd ← 192.0.2.9 to port 22". */
char *sp_format_flow(const char *program, const char *direction,
		     const char *remote, guint remote_port, guint local_port);

const char *sp_format_program(const char *path);	/* its last part, or "an unknown program" */
char *sp_format_owner(guint32 uid);			/* "alice", "1000", "system" */
/* "system", a number or a name of the machine; FALSE: none of them. */
gboolean sp_format_find_owner(const char *text, guint32 *uid);
