/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the kernel module, read with every length checked. Pure: each
 * takes the bytes of one whole netlink message. What is missing, too short or
 * out of range makes the message bad as a whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ancestry.h"
#include "sallyport.h"
#include "waiting.h"

struct nlmsghdr;

/* An attribute's payload; NULL: not there. */
struct sp_attribute {
	const void *data;
	uint16_t length;
};

/* All attributes of a generic netlink message, the last of each type. */
struct sp_attributes {
	struct sp_attribute of[SALLYPORT_A_MAX + 1];
};

struct sp_hello {
	char version[32];
	uint64_t instance;	/* 0: the module does not tell */
	uint64_t epoch;		/* 0: this is the first daemon */
	uint64_t missed;	/* boottime ns; 0: nothing of DNS */
	uint32_t degraded;
};

struct sp_status {
	uint64_t stats[__SALLYPORT_STAT_MAX];
	struct sallyport_tables tables;
	uint64_t epoch;
	uint32_t degraded;
	uint8_t mode;		/* enum sallyport_mode */
};

struct sp_image_record {
	struct sallyport_image info;
	uint16_t path_length;
	char path[SALLYPORT_PATH_MAX + 1];
};

struct sp_query {
	struct sallyport_flow flow;
	const uint8_t *payload;		/* lies in the message */
	size_t length;
	bool by_stream;
	struct sallyport_stream stream;	/* @length is not beyond its own */
};

/* @message is @message->nlmsg_len bytes. */
bool sp_message_attributes(const struct nlmsghdr *message,
			   struct sp_attributes *attributes);
/* Of any family: what follows its header of @header bytes, up to type SALLYPORT_A_MAX. */
bool sp_message_attributes_behind(const struct nlmsghdr *message, size_t header,
				  struct sp_attributes *attributes);
/* SALLYPORT_CMD_*, or -1 where there is no room for it. */
int sp_message_command(const struct nlmsghdr *message);

bool sp_message_hello(const struct nlmsghdr *message, struct sp_hello *hello);
/* @missed: as in struct sp_hello. */
bool sp_message_observed(const struct nlmsghdr *message, uint64_t *missed);
bool sp_message_status(const struct nlmsghdr *message, struct sp_status *status);
bool sp_message_image(const struct nlmsghdr *message, struct sp_image_record *image);
bool sp_message_chain(const struct nlmsghdr *message, struct sp_chain *chain);
/* @path: SALLYPORT_PATH_MAX + 1 bytes. */
bool sp_message_path(const struct nlmsghdr *message, char *path);
bool sp_message_pending(const struct nlmsghdr *message, struct sp_tag *tag);
/* The first struct sallyport_tag in @data. Its size; 0: there is none that makes sense. */
size_t sp_message_tag(const void *data, size_t left, struct sp_tag *tag);
bool sp_message_query(const struct nlmsghdr *message, struct sp_query *query);
bool sp_message_netns(const struct nlmsghdr *message, uint64_t *netns, uint8_t *state);
bool sp_message_verdict(const struct nlmsghdr *message,
			struct sallyport_verdict *verdict);
bool sp_message_flow(const struct nlmsghdr *message, struct sallyport_flow *flow,
		     struct sallyport_counts *counts);

/* Events lie in the message unaligned: take them out with sp_message_event(). */
struct sp_events {
	const uint8_t *data;
	size_t count;
	uint32_t lost;
};

bool sp_message_events(const struct nlmsghdr *message, struct sp_events *events);
void sp_message_event(const struct sp_events *events, size_t index,
		      struct sallyport_event *event);
