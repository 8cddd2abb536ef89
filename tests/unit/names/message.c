/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <check.h>
#include <string.h>
#include "message.h"

void message_bytes(struct message *message, const void *bytes, size_t length)
{
	ck_assert_uint_le(message->length + length, sizeof(message->bytes));
	memcpy(message->bytes + message->length, bytes, length);
	message->length += length;
}

void message_number(struct message *message, uint32_t number, size_t bytes)
{
	uint8_t byte;

	while (bytes-- > 0) {
		byte = (uint8_t)(number >> 8 * bytes);
		message_bytes(message, &byte, 1);
	}
}

void message_name(struct message *message, const char *name)
{
	size_t length;

	for (; *name; name += length + (name[length] == '.')) {
		length = strcspn(name, ".");
		message_number(message, (uint32_t)length, 1);
		message_bytes(message, name, length);
	}
	message_number(message, 0, 1);
}

void message_pointer(struct message *message, size_t offset)
{
	message_number(message, 0xc000 | (uint32_t)offset, 2);
}

static void begin(struct message *message, uint16_t id, uint16_t flags, const char *name,
		  uint16_t type)
{
	message->length = 0;
	message_number(message, id, 2);
	message_number(message, flags, 2);
	message_number(message, 1, 2);
	message_number(message, 0, 4);
	message_number(message, 0, 2);
	message_name(message, name);
	message_number(message, type, 2);
	message_number(message, 1, 2);
}

void message_query(struct message *message, uint16_t id, const char *name, uint16_t type)
{
	begin(message, id, 0x0100, name, type);
}

void message_reply(struct message *message, uint16_t id, const char *name, uint16_t type)
{
	begin(message, id, 0x8180, name, type);
}

void message_record(struct message *message, uint16_t type, uint32_t ttl, size_t data)
{
	message_number(message, type, 2);
	message_number(message, 1, 2);
	message_number(message, ttl, 4);
	message_number(message, (uint32_t)data, 2);
	message->bytes[7]++;
}

static void put_owner(struct message *message, const char *owner)
{
	if (owner)
		message_name(message, owner);
	else
		message_pointer(message, 12);
}

void message_a(struct message *message, const char *owner, uint32_t ttl, const char *address)
{
	uint8_t bytes[4];

	ck_assert_int_eq(inet_pton(AF_INET, address, bytes), 1);
	put_owner(message, owner);
	message_record(message, TYPE_A, ttl, sizeof(bytes));
	message_bytes(message, bytes, sizeof(bytes));
}

void message_aaaa(struct message *message, const char *owner, uint32_t ttl,
		  const char *address)
{
	uint8_t bytes[16];

	ck_assert_int_eq(inet_pton(AF_INET6, address, bytes), 1);
	put_owner(message, owner);
	message_record(message, TYPE_AAAA, ttl, sizeof(bytes));
	message_bytes(message, bytes, sizeof(bytes));
}

void message_cname(struct message *message, const char *owner, uint32_t ttl,
		   const char *target)
{
	put_owner(message, owner);
	message_record(message, TYPE_CNAME, ttl, strlen(target) + 2);
	message_name(message, target);
}

void address_of(const char *text, uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(address, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, text, address + 12) != 1)
		ck_assert_int_eq(inet_pton(AF_INET6, text, address), 1);
}
