/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of rules: lines of the rule language, and of the form
 *
 *	include PATH
 *
 * where PATH is relative to the folder of the file it is in. Read whole or not at
 * all.
 */
#pragma once

#include <stddef.h>
#include "text.h"

/* Limits: what is beyond is an error. */
#define SP_FILE_BYTES_MAX	(64u << 20)	/* of one file */
#define SP_FILE_RULES_MAX	100000		/* in all */
#define SP_FILE_COUNT_MAX	100		/* files in all */
#define SP_FILE_DEPTH_MAX	8		/* of includes */

/* A rule and where it stands. */
struct sp_file_rule {
	struct sp_rule rule;
	unsigned file;		/* index in sp_rule_set.files */
	unsigned line;
};

struct sp_rule_set {
	struct sp_file_rule *rules;
	size_t count, size;
	char *files[SP_FILE_COUNT_MAX];		/* paths as they were opened */
	unsigned file_count;
};

struct sp_file_error {
	char file[512];			/* cut where it is longer */
	struct sp_text_error error;	/* line 0: the file as a whole */
};

struct sp_file_options {
	struct sp_text_context context;
	/*
	 * Only files that belong to root or to whom this process runs as, and that
	 * nobody else can write.
	 */
	bool trusted;
};

/* @set is empty to begin with, {0}; on failure it is as it was. */
bool sp_file_read(const char *path, const struct sp_file_options *options,
		  struct sp_rule_set *set, struct sp_file_error *error);
/*
 * All files of @folder that are called NN-….rules, two digits, in the order of
 * their names. Their rules are floor rules and the system's, whether they say so
 * or not. A folder that is not there has no rules.
 */
bool sp_file_read_folder(const char *folder, const struct sp_file_options *options,
			 struct sp_rule_set *set, struct sp_file_error *error);
/* As sp_file_read(), of one text, without includes; @name is for messages. */
bool sp_file_read_text(const char *name, const char *text, size_t length,
		       const struct sp_file_options *options,
		       struct sp_rule_set *set, struct sp_file_error *error);
void sp_rule_set_clear(struct sp_rule_set *set);

/* What importing @more would do to the rules that are there. */
enum sp_import {
	SP_IMPORT_NEW,
	SP_IMPORT_SAME,		/* the same rule is there: nothing changes */
	/*
	 * Others about the same are there, with another action or end, or in another
	 * order: it would be there beside them, as newer than they.
	 */
	SP_IMPORT_OTHER,
};
/*
 * For each of @count rules of @more, in the order in which they would be added, into
 * @what; and into @which the same one, the newest about the same, or NULL. Then of those
 * about the same those of @more decide as if nothing else were there. False: no memory.
 */
bool sp_import_try(const struct sp_rule *there, size_t there_count,
		   const struct sp_rule *more, size_t count,
		   enum sp_import *what, const struct sp_rule **which);
