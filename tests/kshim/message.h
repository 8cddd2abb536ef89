/* SPDX-License-Identifier: GPL-2.0 */
/* A netlink message of the daemon's, for the module: attributes, then a command. */
#ifndef KSHIM_MESSAGE_H
#define KSHIM_MESSAGE_H

#include <string.h>

#include "law.h"

struct message {
	struct nlattr *attrs[SALLYPORT_A_MAX + 1];
	_Alignas(8) char room[8192];
	size_t used;
};

static inline void message_add(struct message *message, int type, const void *data,
			       size_t size)
{
	struct nlattr *attr = (struct nlattr *)(message->room + message->used);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memcpy(nla_data(attr), data, size);
	message->attrs[type] = attr;
	message->used += nla_total_size(size);
}

#define message_add_value(message, type, c_type, value)			\
	message_add(message, type, &(c_type) { value }, sizeof(c_type))

static inline int message_send(struct message *message, u8 command)
{
	return shim_command(LAW_PORT, command, message->attrs);
}

/* The daemon's answer for @count flows. */
static inline int message_answer(const struct sallyport_answer *answer, const u64 *ids,
				 u32 count)
{
	char room[sizeof(*answer) + 64 * sizeof(*ids)];
	ssize_t size = sizeof(*answer) + count * sizeof(*ids), written;

	memcpy(room, answer, sizeof(*answer));
	if (count)
		memcpy(room + sizeof(*answer), ids, count * sizeof(*ids));
	written = shim_proc_write(room, size);
	return written == size ? 0 : written;
}

#endif
