/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that could not be saved, and hold until the restart. Inside db/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SP_HELD_MAX 256	/* change sets */

struct sp_store;
struct sp_change;
struct sp_rule;

struct sp_held_set {
	struct sp_change *changes;	/* its own; of additions PUT_BACK, with their ids */
	size_t count;
	uint32_t uid;
	char how[32];
};

struct sp_held {
	struct sp_held_set sets[SP_HELD_MAX];
	size_t count;
	char lost[200];		/* why the last that went unsaved could not be; "": none did */
	int folder;		/* descriptor; -1: none */
};

/* True: the sets are saved, but for what is ->lost, or there were none. */
bool sp_held_save(struct sp_store *store);
/* Does to @rules, by id, what is not done to the file. */
bool sp_held_overlay(struct sp_store *store, struct sp_rule **rules, size_t *count);
void sp_held_clear(struct sp_held *held);
void sp_held_drop_first(struct sp_held *held);

/* held_file.c: the file in the folder, rewritten whenever the sets change. */
void sp_held_write(struct sp_store *store);
void sp_held_read(struct sp_store *store);
