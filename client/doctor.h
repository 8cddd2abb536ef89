/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps this machine from being protected, or from staying so, and what to
 * do about it. Reads files and what the daemon says; changes nothing. What needs
 * root to be read is left out for others.
 */
#pragma once

#include <glib.h>

enum sp_finding_level {
	SP_FINDING_GOOD,
	SP_FINDING_NOTE,	/* protected, but */
	SP_FINDING_BAD,		/* not protected, or not after the next boot */
};

struct sp_finding {
	enum sp_finding_level level;
	const char *check;	/* stable name, for scripts: "module-loaded" */
	char *what;		/* a sentence, translated */
	char *advice;		/* what to do about it; NULL where it is good */
	char *command;		/* a line for a shell that does it; NULL: none does */
};

/*
 * @status: as from Manager.GetStatus, or NULL, then @problem says why it could not
 * be had. @root: "" for this machine; another folder in tests. Element: struct
 * sp_finding; freed with the array.
 */
GPtrArray *sp_doctor_examine(const char *root, GVariant *status, const char *problem);

/* Adds what there is to say of the rules, as from Rules.List. */
void sp_doctor_rules(GPtrArray *findings, GVariant *rules);

/* The worst of them. */
enum sp_finding_level sp_doctor_worst(const GPtrArray *findings);
