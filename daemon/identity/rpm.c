/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tags, types and limits are those of rpm's rpmtag.h and header.c. Entries may lie in any
 * order and over each other: they are only read. What an installation changed is appended
 * with the same tag, so the last entry with one counts, as for rpm.
 */
#include "rpm.h"

#include <stdlib.h>
#include <sys/stat.h>

#define ENTRIES_MAX	0xffff		/* rpm's own */
#define FILES_MAX	(1u << 20)	/* of one package */

#define ENTRY_SIZE	16
#define HEAD_SIZE	8

enum tag {
	TAG_NAME = 1000,
	TAG_FILESTATES = 1029,
	TAG_FILEMODES = 1030,
	TAG_FILEDIGESTS = 1035,
	TAG_FILEFLAGS = 1037,
	TAG_DIRINDEXES = 1116,
	TAG_BASENAMES = 1117,
	TAG_DIRNAMES = 1118,
	TAG_FILEDIGESTALGO = 5011,
};

enum type {
	TYPE_CHAR = 1,
	TYPE_INT16 = 3,
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_STRINGS = 8,
};

#define STATE_NORMAL	0
#define FLAG_GHOST	(1u << 6)

struct header {
	const uint8_t *entries, *data;
	uint32_t count;
	size_t length;		/* of the data */
};

/* An entry's values; count is 0 where there is none. Room for them all is there. */
struct values {
	const uint8_t *at, *end;	/* end: of the data */
	uint32_t count;
};

/* What a header says of its files. */
struct files {
	struct values names, folder_numbers, modes;	/* one for each file */
	struct values states, flags, digests;		/* likewise, or none */
	struct values folders, algorithm;
	uint32_t *starts;	/* of the folders' names in the data, and their end */
};

static uint32_t get32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static bool open_header(struct header *header, const void *bytes, size_t length)
{
	size_t entries;

	if (length < HEAD_SIZE)
		return false;
	header->count = get32(bytes);
	header->length = get32((const uint8_t *)bytes + 4);
	entries = (size_t)header->count * ENTRY_SIZE;
	if (header->count > ENTRIES_MAX || length - HEAD_SIZE < entries ||
	    length - HEAD_SIZE - entries != header->length)
		return false;
	header->entries = (const uint8_t *)bytes + HEAD_SIZE;
	header->data = header->entries + entries;
	return true;
}

/* The fewest bytes of a value. */
static size_t size_of(enum type type)
{
	return type == TYPE_INT32 ? 4 : type == TYPE_INT16 ? 2 : 1;
}

/* False: it is of another type, or not within the data. */
static bool find(const struct header *header, enum tag tag, enum type type,
		 struct values *values)
{
	const uint8_t *entry = NULL;
	uint32_t offset;

	*values = (struct values){ NULL, NULL, 0 };
	for (uint32_t i = header->count; i-- && !entry;)
		if (get32(header->entries + i * ENTRY_SIZE) == tag)
			entry = header->entries + i * ENTRY_SIZE;
	if (!entry)
		return true;
	offset = get32(entry + 8);
	values->count = get32(entry + 12);
	if (get32(entry + 4) != type || offset > header->length ||
	    values->count > (header->length - offset) / size_of(type))
		return false;
	values->at = header->data + offset;
	values->end = header->data + header->length;
	return true;
}

/* The next of some strings; false: it does not end within the data. */
static bool next_string(struct values *strings, struct sp_span *string)
{
	const uint8_t *end = memchr(strings->at, 0, (size_t)(strings->end - strings->at));

	if (!end)
		return false;
	string->text = (const char *)strings->at;
	string->length = (size_t)(end - strings->at);
	strings->at = end + 1;
	return true;
}

static bool all_end(struct values strings)
{
	struct sp_span string;

	while (strings.count--)
		if (!next_string(&strings, &string))
			return false;
	return true;
}

bool sp_rpm_name(const void *bytes, size_t length, struct sp_span *name)
{
	struct header header;
	struct values values;

	return open_header(&header, bytes, length) &&
	       find(&header, TAG_NAME, TYPE_STRING, &values) && values.count == 1 &&
	       next_string(&values, name) && name->length > 0;
}

static bool find_files(const struct header *header, struct files *files)
{
	return find(header, TAG_BASENAMES, TYPE_STRINGS, &files->names) &&
	       find(header, TAG_DIRNAMES, TYPE_STRINGS, &files->folders) &&
	       find(header, TAG_DIRINDEXES, TYPE_INT32, &files->folder_numbers) &&
	       find(header, TAG_FILEMODES, TYPE_INT16, &files->modes) &&
	       find(header, TAG_FILESTATES, TYPE_CHAR, &files->states) &&
	       find(header, TAG_FILEFLAGS, TYPE_INT32, &files->flags) &&
	       find(header, TAG_FILEDIGESTS, TYPE_STRINGS, &files->digests) &&
	       find(header, TAG_FILEDIGESTALGO, TYPE_INT32, &files->algorithm);
}

static bool fits_or_lacks(const struct values *values, uint32_t count)
{
	return !values->count || values->count == count;
}

static bool fit_together(const struct files *files)
{
	uint32_t count = files->names.count;

	return count <= FILES_MAX && files->folder_numbers.count == count &&
	       files->modes.count == count && files->folders.count <= count &&
	       fits_or_lacks(&files->states, count) && fits_or_lacks(&files->flags, count) &&
	       fits_or_lacks(&files->digests, count) && files->algorithm.count <= 1 &&
	       all_end(files->names) && all_end(files->digests);
}

static bool note_folders(const struct header *header, struct files *files)
{
	struct values folders = files->folders;
	struct sp_span folder;

	files->starts = calloc((size_t)folders.count + 1, sizeof(*files->starts));
	if (!files->starts)
		return false;
	for (uint32_t i = 0; i < folders.count; i++) {
		files->starts[i] = (uint32_t)(folders.at - header->data);
		if (!next_string(&folders, &folder))
			return false;
		files->starts[i + 1] = (uint32_t)(folders.at - header->data);
	}
	return true;
}

/* Absolute, and with a slash at its end. */
static bool folder_of(const struct header *header, const struct files *files, uint32_t i,
		      struct sp_span *folder)
{
	uint32_t number = get32(files->folder_numbers.at + (size_t)i * 4);

	if (number >= files->folders.count)
		return false;
	folder->text = (const char *)header->data + files->starts[number];
	folder->length = files->starts[number + 1] - files->starts[number] - 1;
	return folder->length && folder->text[0] == '/' &&
	       folder->text[folder->length - 1] == '/';
}

/* What is not said is as usual, as for rpm. */
static bool is_installed(const struct files *files, uint32_t i)
{
	const uint8_t *mode = files->modes.at + (size_t)i * 2;

	return S_ISREG((unsigned)mode[0] << 8 | mode[1]) &&
	       (!files->states.count || files->states.at[i] == STATE_NORMAL) &&
	       (!files->flags.count ||
		!(get32(files->flags.at + (size_t)i * 4) & FLAG_GHOST));
}

static size_t digits_of(enum sp_rpm_algorithm algorithm)
{
	switch (algorithm) {
	case SP_RPM_MD5:
		return 32;
	case SP_RPM_SHA1:
		return 40;
	case SP_RPM_SHA256:
		return 64;
	case SP_RPM_SHA384:
		return 96;
	case SP_RPM_SHA512:
		return 128;
	}
	return 0;
}

/* What is none of a known algorithm is emptied. */
static void check_digest(struct sp_rpm_file *file)
{
	if (file->digest.length != digits_of(file->algorithm) ||
	    strspn(file->digest.text, "0123456789abcdef") != file->digest.length)
		file->digest.length = 0;
}

static void tell(const struct header *header, const struct files *files,
		 void (*fn)(const struct sp_rpm_file *file, void *arg), void *arg)
{
	struct values names = files->names, digests = files->digests;
	struct sp_rpm_file file = {
		/* Before there was a choice it was this one. */
		.algorithm = files->algorithm.count ? get32(files->algorithm.at) : SP_RPM_MD5,
	};

	for (uint32_t i = 0; i < names.count; i++) {
		file.digest = (struct sp_span){ "", 0 };
		next_string(&names, &file.name);
		if (digests.count)
			next_string(&digests, &file.digest);
		check_digest(&file);
		if (is_installed(files, i) && file.name.length &&
		    !memchr(file.name.text, '/', file.name.length) &&
		    folder_of(header, files, i, &file.folder))
			fn(&file, arg);
	}
}

bool sp_rpm_files(const void *bytes, size_t length,
		  void (*fn)(const struct sp_rpm_file *file, void *arg), void *arg)
{
	struct header header;
	struct files files = { .starts = NULL };
	bool good = open_header(&header, bytes, length) && find_files(&header, &files) &&
		    fit_together(&files) && note_folders(&header, &files);

	if (good)
		tell(&header, &files, fn, arg);
	free(files.starts);
	return good;
}
