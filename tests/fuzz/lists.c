/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a list: an error with a place, or a list, whose answers about
 * addresses hold for every address that agrees in the proof.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

/* The bytes themselves are the addresses that are asked about. */
static void check(const struct sp_list *list, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 16 <= size && at < 256; at += 4) {
		uint8_t address[16], other[16], bits, unused;
		bool has;

		memcpy(address, data + at, 16);
		if (at % 8) {
			memset(address, 0, 10);
			memset(address + 10, 0xff, 2);
		}
		has = sp_list_has_address(list, address, &bits);
		must(bits <= 128);
		memcpy(other, address, 16);
		for (unsigned bit = bits; bit < 128; bit++)
			other[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		must(sp_list_has_address(list, other, &unused) == has);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_text_error error = { 0 };
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct sp_list *list;

	if (!file)
		return 0;
	list = sp_list_read("fuzz", file, &error);
	fclose(file);
	if (!list) {
		must(error.line >= 1 && error.column >= 1 && *error.message);
		return 0;
	}
	check(list, data, size);
	must(sp_list_names(list) || !sp_list_has_name(list, "a.test"));
	sp_list_unref(list);
	return 0;
}
