/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules from files, whatever they are written in, and from the daemon. */
#pragma once

#include <gio/gio.h>
#include "files.h"

/* A rule and where it stands, for people: "rules.txt:3". */
struct sp_read_rule {
	struct sp_rule rule;
	char *place;
	gboolean file;		/* of the daemon's: one of the administrator's files */
};

/*
 * @path: a file of rules, one of JSON if its name ends in ".json", a folder of the
 * administrator's files, or "-" for standard input (JSON if @json). Element:
 * struct sp_read_rule, cleared with the array; ids count from 1.
 */
GArray *sp_rule_file_read(const char *path, guint32 owner, gboolean json, GError **error);
/* The daemon's rules, with their ids; places are "rule 7". */
GArray *sp_rule_file_fetch(GDBusConnection *bus, gboolean all, GError **error);
/* Those rules one behind the other, borrowed; for the caller to g_free(). */
struct sp_rule *sp_rule_file_array(const GArray *rules);
