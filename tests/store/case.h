/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the store's death and damage share: a folder with a store. */
#pragma once

#include <stddef.h>
#include "store.h"
#include "unit.h"

extern char case_folder[64];
extern struct sp_store *case_store;	/* NULL: closed */
extern char case_message[512];		/* of the last open */

void case_setup(void);			/* a fresh folder, in memory if there is such a place */
void case_setup_on_disk(void);
void case_teardown(void);

void case_open(void);			/* must succeed; a message is no failure */
void case_close(void);

/* The id of a rule that is added; the others name it. */
uint64_t case_add(const char *line);
void case_replace(uint64_t id, const char *line);
void case_remove(uint64_t id);

/* All rules, a line each, with everything that is known of them; to be freed. */
char *case_rules(void);
/* The same of the journal. */
char *case_journal(void);

/* Files of the folder, by name. */
struct case_file {
	const char *name;
	char *bytes;		/* NULL: it was not there */
	size_t size;
};
const char *case_path(const char *name);
bool case_exists(const char *name);
void case_read(const char *name, struct case_file *file);
void case_write(const struct case_file *file);
void case_forget(struct case_file *file);	/* frees what case_read() took */
void case_empty(void);				/* no file is left in the folder */
