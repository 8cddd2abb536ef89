/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See told.h. The text is bounded by who reads it; jansson bounds its depth. */
#include <arpa/nameser.h>
#include <jansson.h>
#include <string.h>
#include "host.h"
#include "told.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* A message that is being read; of its chain the names as they are there, in lower case. */
struct reading {
	char names[SP_DNS_CHAIN][NS_MAXDNAME];
	struct sp_dns_reply *reply;
};

/* In lower case, without the last dot. */
static bool read_name(const json_t *value, char name[NS_MAXDNAME])
{
	const char *text = json_string_value(value);
	size_t length = text ? strlen(text) : 0;

	if (length && text[length - 1] == '.')
		length--;
	if (!length || length >= NS_MAXDNAME)
		return false;
	memcpy(name, text, length);
	name[length] = 0;
	sp_host_lower(name);
	return true;
}

static bool read_key(const json_t *key, char name[NS_MAXDNAME])
{
	return json_integer_value(json_object_get(key, "class")) == ns_c_in &&
	       read_name(json_object_get(key, "name"), name);
}

/* Its place among the names, or their number. */
static size_t place_of(const struct reading *reading, const char *name)
{
	size_t i;

	for (i = 0; i < reading->reply->chain_count; i++)
		if (!strcmp(reading->names[i], name))
			break;
	return i;
}

static void add_name(struct reading *reading, const char *name)
{
	size_t count = reading->reply->chain_count;

	if (place_of(reading, name) < count)
		return;
	if (count == SP_DNS_CHAIN) {
		reading->reply->incomplete = true;
		return;
	}
	strcpy(reading->names[count], name);
	sp_dns_add_link(reading->reply, name);
}

static void add_questions(struct reading *reading, const json_t *questions)
{
	char name[NS_MAXDNAME];
	json_t *key;
	size_t i;

	json_array_foreach(questions, i, key)
		if (read_key(key, name))
			add_name(reading, name);
}

static json_int_t type_of(const json_t *record)
{
	return json_integer_value(json_object_get(json_object_get(record, "key"), "type"));
}

/* What a name of the chain is an alias of. */
static void follow(struct reading *reading, const json_t *answer)
{
	char owner[NS_MAXDNAME], target[NS_MAXDNAME];
	json_t *item, *record;
	size_t i;

	json_array_foreach(answer, i, item) {
		record = json_object_get(item, "rr");
		if (type_of(record) == ns_t_cname &&
		    read_key(json_object_get(record, "key"), owner) &&
		    place_of(reading, owner) < reading->reply->chain_count &&
		    read_name(json_object_get(record, "name"), target))
			add_name(reading, target);
	}
}

static bool read_bytes(const json_t *array, uint8_t *bytes, size_t size)
{
	json_int_t value;
	json_t *item;
	size_t i;

	if (json_array_size(array) != size)
		return false;
	json_array_foreach(array, i, item) {
		value = json_is_integer(item) ? json_integer_value(item) : -1;
		if (value < 0 || value > UINT8_MAX)
			return false;
		bytes[i] = (uint8_t)value;
	}
	return true;
}

static void add_address(struct reading *reading, const json_t *record)
{
	struct sp_dns_reply *reply = reading->reply;
	struct sp_dns_address entry = { .names = 0 };
	json_int_t type = type_of(record);
	size_t size = type == ns_t_a ? 4 : 16, place;
	char owner[NS_MAXDNAME];

	if ((type != ns_t_a && type != ns_t_aaaa) ||
	    !read_key(json_object_get(record, "key"), owner))
		return;
	place = place_of(reading, owner);
	if (size == 4)
		memcpy(entry.address, mapped, sizeof(mapped));
	if (place == reply->chain_count ||
	    !read_bytes(json_object_get(record, "address"), entry.address + 16 - size, size))
		return;
	entry.names = (uint8_t)(place + 1);
	if (reply->count < SP_DNS_ADDRESSES)
		reply->addresses[reply->count++] = entry;
	else
		reply->incomplete = true;
}

/* The names that were asked for first come before what they turned out to be. */
static void read_parameters(const json_t *parameters, struct reading *reading)
{
	const json_t *answer = json_object_get(parameters, "answer");
	const char *state = json_string_value(json_object_get(parameters, "state"));
	json_t *item;
	size_t i;

	if (!state || strcmp(state, "success"))
		return;
	add_questions(reading, json_object_get(parameters, "collectedQuestions"));
	add_questions(reading, json_object_get(parameters, "question"));
	for (i = 0; i + 1 < SP_DNS_CHAIN; i++)
		follow(reading, answer);
	json_array_foreach(answer, i, item)
		add_address(reading, json_object_get(item, "rr"));
}

bool sp_told_read(const char *text, size_t length, struct sp_dns_reply *reply)
{
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	struct reading reading = { .reply = reply };

	memset(reply, 0, sizeof(*reply));
	read_parameters(json_object_get(root, "parameters"), &reading);
	json_decref(root);
	if (!reply->count && !reply->incomplete)
		return false;
	strcpy(reply->question.name, reply->chain[0]);
	reply->question.part = reply->parts[0];
	return true;
}
