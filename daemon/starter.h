/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that a new installation begins with: brought in once, as changes of the
 * policy like any other. A file in the state folder says that this was done; it is
 * written when they are durable.
 */
#pragma once

#include "policy_state.h"

struct sp_starter_places {
	const char *rules;	/* the file; missing: there are none (yet) */
	const char *ssh;	/* more, where an ssh session is open */
	const char *folder;	/* the state folder */
};

/*
 * Returns when it is done. Before the verdict thread begins: its first sweep ends what no rule
 * allows, and the session in which somebody installs us is open, and talks.
 */
void sp_starter_bring_in(struct sp_policy *policy, const struct sp_starter_places *places);

/* Rules of a text, each a struct sp_rule with its note ("#: …") in the array. */
GArray *sp_starter_parse(const char *text, gsize length, GError **error);
/* Does the text of /proc/net/tcp or tcp6 have a connection to port 22 of this machine? */
gboolean sp_starter_has_ssh(const char *text);
