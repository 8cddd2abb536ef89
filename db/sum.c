/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sum.h. SQLite finds damage to its structures, not to what is stored in
 * them: a port number with one bit changed is another valid rule.
 */
#include "sum.h"
#include <stdint.h>
#include <string.h>
#include <zlib.h>

static uLong add_integer(uLong sum, int64_t value)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((uint64_t)value >> 8 * i);
	return crc32(sum, bytes, sizeof(bytes));
}

static uLong add_bytes(uLong sum, const void *bytes, int length)
{
	sum = add_integer(sum, length);
	return length ? crc32(sum, bytes, (uInt)length) : sum;
}

static uLong add_value(uLong sum, sqlite3_value *value)
{
	const uint8_t type = (uint8_t)sqlite3_value_type(value);

	sum = crc32(sum, &type, 1);
	switch (type) {
	case SQLITE_NULL:
		return sum;
	case SQLITE_INTEGER:
		return add_integer(sum, sqlite3_value_int64(value));
	default: {
		const void *bytes = type == SQLITE_TEXT ? (const void *)sqlite3_value_text(value) :
							  sqlite3_value_blob(value);

		return add_bytes(sum, bytes, sqlite3_value_bytes(value));
	}
	}
}

static void row_sum(sqlite3_context *context, int count, sqlite3_value **values)
{
	uLong sum = crc32(0, NULL, 0);

	for (int i = 0; i < count; i++)
		sum = add_value(sum, values[i]);
	sqlite3_result_int64(context, (sqlite3_int64)sum);
}

int sp_sum_register(sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "row_sum", -1,
					  SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
					  NULL, row_sum, NULL, NULL, NULL);
}
