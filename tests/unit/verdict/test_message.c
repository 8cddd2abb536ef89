/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the module: right ones, and wrong ones of every kind. */
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"
#include "message.h"

static _Alignas(8) uint8_t buffer[16 * 1024];

static struct nlmsghdr *begin(uint8_t command)
{
	struct nlmsghdr *message;
	struct genlmsghdr *header;

	memset(buffer, 0, sizeof(buffer));
	message = mnl_nlmsg_put_header(buffer);
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->cmd = command;
	return message;
}

static struct nlmsghdr *tag_with(size_t pending, size_t image, const char *path,
				 size_t length)
{
	struct nlmsghdr *message = begin(SALLYPORT_CMD_PENDING);
	struct sallyport_pending tag[2] = { { .id = 9, .packets = 1 } };
	struct sallyport_image of[2] = { { .id = 20 } };

	tag[0].flow = fake_flow(20, "192.0.2.1", 80);
	mnl_attr_put(message, SALLYPORT_A_PENDING, pending, tag);
	mnl_attr_put(message, SALLYPORT_A_IMAGE, image, of);
	if (path)
		mnl_attr_put(message, SALLYPORT_A_PATH, length, path);
	return message;
}

#define PENDING sizeof(struct sallyport_pending)
#define IMAGE	sizeof(struct sallyport_image)

START_TEST(reads_a_tag)
{
	struct nlmsghdr *message = tag_with(PENDING, IMAGE, "/usr/bin/curl", 13);
	struct sp_tag tag;

	ck_assert_int_eq(sp_message_command(message), SALLYPORT_CMD_PENDING);
	ck_assert(sp_message_pending(message, &tag));
	ck_assert_uint_eq(tag.pending.id, 9);
	ck_assert_uint_eq(tag.path_length, 13);
	ck_assert_mem_eq(tag.path, "/usr/bin/curl", 13);
	ck_assert_uint_eq(tag.comm_length, 0);
}
END_TEST

/* As the file gives them. */
static size_t tag_in(char *room, uint32_t size, const char *path, uint32_t length)
{
	struct sallyport_tag tag = {
		.size = size, .path_length = length, .comm = "curl",
		.pending = { .id = 9, .packets = 1, .flow = fake_flow(20, "192.0.2.1", 80) },
		.image = { .id = 20 },
	};

	memcpy(room, &tag, sizeof(tag));
	memcpy(room + sizeof(tag), path, length);
	return size;
}

START_TEST(reads_tags_one_after_the_other)
{
	static char room[2 * SALLYPORT_TAG_MAX];
	size_t first, size;
	struct sp_tag tag;

	first = tag_in(room, sizeof(struct sallyport_tag) + 16, "/usr/bin/curl", 13);
	size = first + tag_in(room + first, sizeof(struct sallyport_tag), "", 0);
	ck_assert_uint_eq(sp_message_tag(room, size, &tag), first);
	ck_assert_uint_eq(tag.pending.id, 9);
	ck_assert_uint_eq(tag.path_length, 13);
	ck_assert_mem_eq(tag.path, "/usr/bin/curl", 13);
	ck_assert_uint_eq(tag.comm_length, 4);
	ck_assert_mem_eq(tag.comm, "curl", 4);
	ck_assert_uint_eq(sp_message_tag(room + first, size - first, &tag), size - first);
	ck_assert_ptr_null(tag.path);
	ck_assert_uint_eq(sp_message_tag(room + first, size - first - 8, &tag), 0);
}
END_TEST

START_TEST(a_tag_that_makes_no_sense_is_none)
{
	static char room[2 * SALLYPORT_TAG_MAX];
	struct sallyport_tag *head = (struct sallyport_tag *)(void *)room;
	const uint32_t whole = sizeof(*head) + 16;
	struct sp_tag tag;

	tag_in(room, whole, "/usr/bin/curl", 13);
	ck_assert_uint_eq(sp_message_tag(room, sizeof(*head) - 1, &tag), 0);
	ck_assert_uint_eq(sp_message_tag(room, whole - 1, &tag), 0);
	head->size = whole - 4;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
	head->size = sizeof(*head) - 8;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
	head->size = whole;
	head->path_length = 17;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
	head->path_length = UINT32_MAX;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
	head->path_length = 14;	/* with a NUL in it */
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
	head->path_length = 13;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), whole);
	head->image.id = 21;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
	head->image.id = 20;
	head->pending.flow.direction = 2;
	ck_assert_uint_eq(sp_message_tag(room, sizeof(room), &tag), 0);
}
END_TEST

START_TEST(structures_may_grow_but_not_shrink)
{
	struct sp_tag tag;

	ck_assert(sp_message_pending(tag_with(PENDING + 8, IMAGE + 8, NULL, 0), &tag));
	ck_assert_uint_eq(tag.path_length, 0);
	ck_assert(!sp_message_pending(tag_with(PENDING - 1, IMAGE, NULL, 0), &tag));
	ck_assert(!sp_message_pending(tag_with(PENDING, IMAGE - 4, NULL, 0), &tag));
}
END_TEST

START_TEST(a_path_is_bounded_and_without_nul)
{
	static char path[SALLYPORT_PATH_MAX + 1];
	struct sp_tag tag;

	memset(path, 'a', sizeof(path));
	ck_assert(sp_message_pending(tag_with(PENDING, IMAGE, path, SALLYPORT_PATH_MAX),
				     &tag));
	ck_assert(!sp_message_pending(tag_with(PENDING, IMAGE, path, sizeof(path)), &tag));
	path[5] = 0;
	ck_assert(!sp_message_pending(tag_with(PENDING, IMAGE, path, 9), &tag));
}
END_TEST

START_TEST(the_image_is_the_flows)
{
	struct nlmsghdr *message = tag_with(PENDING, IMAGE, NULL, 0);
	struct sallyport_image other = { .id = 21 };
	struct sp_tag tag;

	mnl_attr_put(message, SALLYPORT_A_IMAGE, sizeof(other), &other);
	ck_assert(!sp_message_pending(message, &tag));
}
END_TEST

START_TEST(reads_events)
{
	struct nlmsghdr *message = begin(SALLYPORT_CMD_EVENTS);
	struct sallyport_event list[3] = { { .id = 1 }, { .id = 2 }, { .id = 3 } }, event;
	struct sp_events events;

	mnl_attr_put(message, SALLYPORT_A_EVENTS, sizeof(list), list);
	mnl_attr_put_u32(message, SALLYPORT_A_EVENTS_LOST, 5);
	ck_assert(sp_message_events(message, &events));
	ck_assert_uint_eq(events.count, 3);
	ck_assert_uint_eq(events.lost, 5);
	sp_message_event(&events, 2, &event);
	ck_assert_uint_eq(event.id, 3);

	message = begin(SALLYPORT_CMD_EVENTS);
	mnl_attr_put(message, SALLYPORT_A_EVENTS, sizeof(list) - 4, list);
	ck_assert(!sp_message_events(message, &events));
	ck_assert(sp_message_events(begin(SALLYPORT_CMD_EVENTS), &events));
	ck_assert_uint_eq(events.count, 0);
}
END_TEST

START_TEST(reads_what_listings_bring)
{
	struct sallyport_verdict verdict = { .id = 4, .remote_length = 128 }, v;
	struct sallyport_flow flow = fake_flow(20, "192.0.2.1", 80), f;
	struct sallyport_counts counts = { .action = SALLYPORT_DENY }, c;
	struct nlmsghdr *message = begin(SALLYPORT_CMD_VERDICT_DUMP);

	mnl_attr_put(message, SALLYPORT_A_VERDICT, sizeof(verdict), &verdict);
	ck_assert(sp_message_verdict(message, &v) && v.id == 4);
	verdict.remote_length = 129;
	message = begin(SALLYPORT_CMD_VERDICT_DUMP);
	mnl_attr_put(message, SALLYPORT_A_VERDICT, sizeof(verdict), &verdict);
	ck_assert(!sp_message_verdict(message, &v));

	message = begin(SALLYPORT_CMD_FLOW_DUMP);
	mnl_attr_put(message, SALLYPORT_A_FLOW, sizeof(flow), &flow);
	ck_assert(!sp_message_flow(message, &f, &c));
	mnl_attr_put(message, SALLYPORT_A_COUNTS, sizeof(counts), &counts);
	ck_assert(sp_message_flow(message, &f, &c) && c.action == SALLYPORT_DENY);
}
END_TEST

START_TEST(reads_what_was_missed)
{
	struct nlmsghdr *message = begin(SALLYPORT_CMD_OBSERVED);
	uint64_t missed;

	ck_assert(!sp_message_observed(message, &missed));
	mnl_attr_put_u64(message, SALLYPORT_A_MISSED, 13);
	ck_assert(sp_message_observed(message, &missed));
	ck_assert_uint_eq(missed, 13);
}
END_TEST

START_TEST(reads_hello_and_status)
{
	struct nlmsghdr *message = begin(SALLYPORT_CMD_HELLO);
	struct sallyport_tables tables = { .verdicts_max = 99 };
	uint64_t stats[3] = { 1, 2, 3 };
	struct sp_status status;
	struct sp_hello hello;

	ck_assert(!sp_message_hello(message, &hello));
	mnl_attr_put_strz(message, SALLYPORT_A_VERSION,
			  "a version that is much too long to be kept");
	mnl_attr_put_u64(message, SALLYPORT_A_EPOCH, 12);
	mnl_attr_put_u32(message, SALLYPORT_A_DEGRADED, 1);
	ck_assert(!sp_message_hello(message, &hello));
	mnl_attr_put_u64(message, SALLYPORT_A_MISSED, 13);
	ck_assert(sp_message_hello(message, &hello));
	ck_assert_uint_eq(hello.instance, 0);
	ck_assert_uint_eq(hello.missed, 13);
	mnl_attr_put_u64(message, SALLYPORT_A_INSTANCE, 77);
	ck_assert(sp_message_hello(message, &hello));
	ck_assert_uint_eq(hello.instance, 77);
	ck_assert_uint_eq(hello.epoch, 12);
	ck_assert_uint_eq(strlen(hello.version), sizeof(hello.version) - 1);

	message = begin(SALLYPORT_CMD_STATS);
	mnl_attr_put(message, SALLYPORT_A_STATS, sizeof(stats), stats);
	mnl_attr_put(message, SALLYPORT_A_TABLES, sizeof(tables), &tables);
	mnl_attr_put_u64(message, SALLYPORT_A_EPOCH, 12);
	ck_assert(!sp_message_status(message, &status));
	mnl_attr_put_u32(message, SALLYPORT_A_DEGRADED, 0);
	ck_assert(!sp_message_status(message, &status));
	mnl_attr_put_u8(message, SALLYPORT_A_MODE, SALLYPORT_MODE_OFF);
	ck_assert(sp_message_status(message, &status));
	ck_assert_uint_eq(status.mode, SALLYPORT_MODE_OFF);
	ck_assert_uint_eq(status.stats[2], 3);
	ck_assert_uint_eq(status.stats[3], 0);
	ck_assert_uint_eq(status.tables.verdicts_max, 99);
}
END_TEST

static void read_all(const struct nlmsghdr *message)
{
	static struct sp_image_record image;
	struct sallyport_verdict verdict;
	struct sallyport_counts counts;
	struct sallyport_event event;
	struct sallyport_flow flow;
	struct sp_status status;
	struct sp_events events;
	struct sp_hello hello;
	struct sp_tag tag;
	size_t i;

	sp_message_command(message);
	sp_message_pending(message, &tag);
	sp_message_image(message, &image);
	sp_message_verdict(message, &verdict);
	sp_message_flow(message, &flow, &counts);
	sp_message_status(message, &status);
	sp_message_hello(message, &hello);
	if (sp_message_events(message, &events))
		for (i = 0; i < events.count; i++)
			sp_message_event(&events, i, &event);
}

/* Cut anywhere, and with any byte changed: nothing is read beyond the end. */
START_TEST(reads_news_of_namespaces)
{
	struct nlmsghdr *message = begin(SALLYPORT_CMD_NETNS);
	uint64_t netns = 0;
	uint8_t state = 0;

	mnl_attr_put_u64(message, SALLYPORT_A_NETNS, 77);
	ck_assert(!sp_message_netns(message, &netns, &state));
	mnl_attr_put_u8(message, SALLYPORT_A_NETNS_STATE, SALLYPORT_NETNS_ENDED);
	ck_assert(sp_message_netns(message, &netns, &state));
	ck_assert_uint_eq(netns, 77);
	ck_assert_uint_eq(state, SALLYPORT_NETNS_ENDED);
}
END_TEST

START_TEST(survives_cuts_and_noise)
{
	struct nlmsghdr *message = tag_with(PENDING, IMAGE, "/usr/bin/curl", 13), *copy;
	size_t full = message->nlmsg_len, length;
	int i;

	for (length = sizeof(*message); length <= full; length++) {
		copy = malloc(length);
		memcpy(copy, message, length);
		copy->nlmsg_len = (uint32_t)length;
		read_all(copy);
		free(copy);
	}
	srandom(2);
	for (i = 0; i < 50000; i++) {
		copy = malloc(full);
		memcpy(copy, message, full);
		((uint8_t *)copy)[16 + (size_t)random() % (full - 16)] = (uint8_t)random();
		((uint8_t *)copy)[16 + (size_t)random() % (full - 16)] = (uint8_t)random();
		read_all(copy);
		free(copy);
	}
}
END_TEST

Suite *suite_message(void)
{
	Suite *suite = suite_create("message");
	TCase *tests = tcase_create("message");

	tcase_add_test(tests, reads_a_tag);
	tcase_add_test(tests, reads_tags_one_after_the_other);
	tcase_add_test(tests, a_tag_that_makes_no_sense_is_none);
	tcase_add_test(tests, structures_may_grow_but_not_shrink);
	tcase_add_test(tests, a_path_is_bounded_and_without_nul);
	tcase_add_test(tests, the_image_is_the_flows);
	tcase_add_test(tests, reads_events);
	tcase_add_test(tests, reads_what_listings_bring);
	tcase_add_test(tests, reads_what_was_missed);
	tcase_add_test(tests, reads_hello_and_status);
	tcase_add_test(tests, reads_news_of_namespaces);
	tcase_add_test(tests, survives_cuts_and_noise);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}
