/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as what a server sends over TCP, in segments of any size, some of them again,
 * overlapping, or after the next: its messages are those of the bytes as a whole, as far as they come. The
 * first bytes say where segments end.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "streams.h"

#define CUTS	8
#define FIRST	0xffffff00u	/* numbers go round */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct expected {
	const uint8_t *at, *end;
};

static void must(bool so)
{
	if (!so)
		abort();
}

static size_t length_at(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

static void expect(const uint8_t *message, size_t length, void *arg)
{
	struct expected *expected = arg;

	while (expected->end - expected->at >= 2 && !length_at(expected->at))
		expected->at += 2;
	must(expected->end - expected->at >= 2 && length == length_at(expected->at));
	must((size_t)(expected->end - expected->at) >= 2 + length);
	must(!memcmp(message, expected->at + 2, length));
	expected->at += 2 + length;
}

static void none(const uint8_t *message, size_t length, void *arg)
{
	(void)message;
	(void)length;
	(void)arg;
	abort();
}

/* Is all that is whole said? */
static void check_rest(struct sp_streams *streams, const struct expected *expected)
{
	const uint8_t *at = expected->at;

	while (expected->end - at >= 2 && !length_at(at))
		at += 2;
	must(expected->end - at < 2 || (size_t)(expected->end - at) < 2 + length_at(at));
	must(expected->end != at || !sp_streams_bytes(streams));
}

/* From @from to @to, copied so that reading beyond is seen. */
static void transmit(struct sp_streams *streams, const struct sp_exchange *exchange,
		 const uint8_t *data, size_t from, size_t to, struct expected *expected)
{
	uint8_t *copy = malloc(to - from + 1);
	struct sp_segment segment = {
		.sequence = FIRST + (uint32_t)from, .length = (uint32_t)(to - from),
		.data = copy, .have = to - from,
	};
	uint32_t uid;

	must(copy);
	memcpy(copy, data + from, to - from);
	must(sp_streams_reply(streams, exchange, &segment, 1, &uid, expect, expected) ==
	     SP_STREAM_FOLLOWED);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sp_exchange exchange = { .protocol = IPPROTO_TCP };
	const struct sp_segment question = { .sequence = 1, .length = 1, .data = data, .have = 1 };
	struct sp_streams *streams;
	struct expected expected;
	size_t at = 0, end, back, middle;
	uint32_t pushed[SP_STREAMS_PUSHED];

	if (size < CUTS || size > 60000)
		return 0;
	streams = sp_streams_new();
	must(streams);
	must(!sp_streams_begin(streams, &exchange, 1000, 1, 1, pushed));
	must(sp_streams_query(streams, &exchange, &question, FIRST, 1, none, NULL) ==
	     SP_STREAM_FOLLOWED);
	expected.at = data + CUTS;
	expected.end = data + size;
	for (size_t i = 0; at < size - CUTS; i = (i + 1) % CUTS) {
		end = at + 1 + data[i] % 64 * (data[i] % 64);
		end = end > size - CUTS ? size - CUTS : end;
		back = data[i] >> 6 == 3 ? at : at < (size_t)(data[i] >> 6) ? 0 : data[i] >> 6;
		middle = data[i] & 32 && end - at > 1 ? at + (end - at) / 2 : end;
		if (middle < end)
			transmit(streams, &exchange, data + CUTS, middle, end, &expected);
		transmit(streams, &exchange, data + CUTS, at - back, middle, &expected);
		at = end;
	}
	check_rest(streams, &expected);
	sp_streams_free(streams);
	return 0;
}
