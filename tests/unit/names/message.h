/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages, put together byte by byte: also such as no server would send. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct message {
	size_t length;
	uint8_t bytes[4096];
};

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_HTTPS = 65 };

/* Both with one question of the Internet's class. */
void message_query(struct message *message, uint16_t id, const char *name, uint16_t type);
void message_reply(struct message *message, uint16_t id, const char *name, uint16_t type);
/* Uncompressed. */
void message_name(struct message *message, const char *name);
void message_number(struct message *message, uint32_t number, size_t bytes);
void message_bytes(struct message *message, const void *bytes, size_t length);
/* A pointer to what begins at @offset; the question's name is at 12. */
void message_pointer(struct message *message, size_t offset);
/* An answer's part behind its name; the data is to follow. Counts it. */
void message_record(struct message *message, uint16_t type, uint32_t ttl, size_t data);
/* Whole answers. @owner NULL: the question's name, compressed. */
void message_a(struct message *message, const char *owner, uint32_t ttl, const char *address);
void message_aaaa(struct message *message, const char *owner, uint32_t ttl,
		  const char *address);
void message_cname(struct message *message, const char *owner, uint32_t ttl,
		   const char *target);
/* As in the protocol: IPv4 mapped. */
void address_of(const char *text, uint8_t address[16]);
