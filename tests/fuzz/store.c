/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as what is beside the store, and as a row of its first version: the first says
 * as which. What is read are rules that can be.
 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include "copy_format.h"
#include "folder.h"
#include "rules_1.h"
#include "text.h"

#define ROW_NUMBERS 13
#define ROW_TEXTS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void read_copy(const void *data, size_t size)
{
	static struct sp_store store;
	struct sp_copy copy;

	folder_put(COPY_FILE, data, size);
	store.folder = folder;
	if (sp_copy_read(&store, &copy) == SP_COPY_GOOD)
		for (size_t i = 0; i < copy.count; i++)
			must(!sp_rule_check(&copy.rules[i]));
	sp_copy_current(&store);
	sp_copy_clear(&copy);
	folder_take(COPY_FILE);
}

/* With an end that fits, of as many rules as there are lines about some. */
static void read_whole_copy(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 120);
	uint64_t count = 0;
	size_t length = size;

	memcpy(text, data, size);
	text[length++] = '\n';
	for (size_t i = 0; i + 6 < length; i++)
		count += !memcmp(text + i, "# rule", 6);
	length += (size_t)snprintf(text + length, 119, COPY_END "\n", count,
				   crc32(crc32(0, NULL, 0), (const Bytef *)text, (uInt)length));
	read_copy(text, length);
	free(text);
}

static void read_held(const uint8_t *data, size_t size)
{
	static struct sp_store store;

	folder_put("unsaved", data, size);
	store.held.folder = folder;
	store.last.next_rule = 1;
	sp_held_read(&store);
	for (size_t i = 0; i < store.held.count; i++)
		for (size_t j = 0; j < store.held.sets[i].count; j++) {
			const struct sp_change *change = &store.held.sets[i].changes[j];

			must(change->kind == SP_CHANGE_REMOVE || !sp_rule_check(&change->rule));
		}
	sp_held_clear(&store.held);
	folder_take("unsaved");
}

static void read_stamp(const uint8_t *data, size_t size)
{
	struct sp_stamp stamp;

	folder_put("policy.last", data, size);
	if (!sp_stamp_read(folder, &stamp))
		must(!stamp.number && !stamp.next_rule);
	folder_take("policy.last");
}

static sqlite3_stmt *prepare_row(void)
{
	static sqlite3_stmt *row;
	static sqlite3 *db;

	if (row)
		return row;
	must(sqlite3_open(":memory:", &db) == SQLITE_OK && sp_rules_1_register(db) == SQLITE_OK);
	must(sqlite3_prepare_v2(db, "SELECT rule_1_text(?1, ?2, ?3, ?4, ?5, ?14, ?6, ?7, ?17, ?8, "
				"?9, ?10, ?11, ?12, ?15, ?13, ?16)", -1, &row, NULL) == SQLITE_OK);
	return row;
}

/* Bytes as numbers, 255: NULL; the address; texts, a line each. */
static void bind_row(sqlite3_stmt *row, const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + ROW_NUMBERS + 16;
	size_t left = size - ROW_NUMBERS - 16;

	for (int i = 0; i < ROW_NUMBERS; i++)
		if (data[i] != 255)
			sqlite3_bind_int64(row, i + 1, data[i]);
	sqlite3_bind_blob(row, ROW_NUMBERS + ROW_TEXTS + 1, data + ROW_NUMBERS, 16, SQLITE_TRANSIENT);
	for (int i = 0; i < ROW_TEXTS && left; i++) {
		const char *end = memchr(text, '\n', left);
		size_t length = end ? (size_t)(end - text) : left;

		sqlite3_bind_text(row, ROW_NUMBERS + 1 + i, text, (int)length, SQLITE_TRANSIENT);
		length += end != NULL;
		text += length;
		left -= length;
	}
}

static void read_row(const uint8_t *data, size_t size)
{
	sqlite3_stmt *row = prepare_row();
	struct sp_text_error error;
	struct sp_rule rule;
	const char *line;

	if (size < ROW_NUMBERS + 16)
		return;
	bind_row(row, data, size);
	if (sqlite3_step(row) == SQLITE_ROW) {
		line = (const char *)sqlite3_column_text(row, 0);
		must(line && sp_text_parse(line, strlen(line), SP_SYSTEM, NULL, &rule, &error) == 1);
		sp_rule_clear(&rule);
	}
	sqlite3_reset(row);
	sqlite3_clear_bindings(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(const uint8_t *data, size_t size) = {
		read_whole_copy, read_held, read_stamp, read_row,
	};

	if (!size)
		return 0;
	if (data[0] % 8 < 4)
		readers[data[0] % 4](data + 1, size - 1);
	else
		read_copy(data + 1, size - 1);
	return 0;
}
