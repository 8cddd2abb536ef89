/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ssh connection that this program was started over, if any; and what rules say. */
#pragma once

#include <glib.h>
#include "decide.h"
#include "flow_line.h"

/*
 * "CLIENT PORT SERVER PORT", as sshd has it in SSH_CONNECTION; also where sudo took it
 * out of the environment: then a parent process has it. NULL: there is none.
 */
char *sp_ssh_connection(void);
/* It as the server's machine sees it. FALSE: it is no such text. */
gboolean sp_ssh_flow(const char *connection, struct sp_flow_line *flow);

/* The device that the connection comes in by; NULL: there is none with that address. */
char *sp_ssh_device(const char *connection);

/* A policy as far as it is known here. */
struct sp_stance {
	const struct sp_rule *rules;
	const char *network;	/* that the flow leads to; NULL: it can't be told */
	gsize count;
	struct sp_defaults defaults;
	const char *mode;	/* "normal", "lockdown", "off" */
	gboolean partial;	/* rules of the system may be missing */
};

/*
 * Might @flow pass before, and not pass after? In doubt: yes. Where rules are missing one
 * of them may have let it pass.
 */
gboolean sp_ssh_cut_off(const struct sp_flow_line *flow, const struct sp_stance *before,
			const struct sp_stance *after);
