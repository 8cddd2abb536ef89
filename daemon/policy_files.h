/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator keeps in files: rules in rules.d/NN-*.rules, which are
 * floor rules, and lists, a file each, in lists/. Both are read again when they
 * change; the rules whole or not at all. What can't be read is reported, and what
 * was last read well stays in force, also across a restart: a copy of the rules is
 * kept in the state folder. If there is no copy either, nothing is known about
 * what they forbid, and floor rules deny everything.
 */
#pragma once

#include <glib.h>
#include "lists.h"
#include "rule.h"

/* Ids of rules from files: beyond any that the store gives, exact in JSON. */
#define SP_FILE_RULE_ID		(G_GUINT64_CONSTANT(1) << 52)

struct sp_policy_files;

/* Both immutable once they are given out. */
struct sp_file_policy {
	GArray *rules;		/* struct sp_rule */
	GPtrArray *lists;	/* struct sp_list */
};

/* @to gets references to what @from has, for its own. */
void sp_file_policy_set(struct sp_file_policy *to, const struct sp_file_policy *from);
void sp_file_policy_clear(struct sp_file_policy *policy);

/* Reads all at once. @folder: of the configuration; @state: of the store. */
struct sp_policy_files *sp_policy_files_new(const char *folder, const char *state);
/* @policy: what is new; NULL: only what is wrong with the files changed. */
void sp_policy_files_on_changed(struct sp_policy_files *files,
				void (*changed)(const struct sp_file_policy *policy, void *data),
				void *data);
void sp_policy_files_free(struct sp_policy_files *files);
const struct sp_file_policy *sp_policy_files_get(const struct sp_policy_files *files);
/* Were there other rules at the start, as far as is known, than an earlier daemon had read? */
gboolean sp_policy_files_renumbered(const struct sp_policy_files *files);
/* What is wrong with the files now, one a line; NULL: nothing. */
const char *sp_policy_files_trouble(const struct sp_policy_files *files);
