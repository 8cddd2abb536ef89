/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kept.c and names.c: what the next daemon finds, and what it must not take. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kept.h"
#include "message.h"
#include "names.h"
#include "table.h"
#include "unit.h"

#define INSTANCE 5

static const struct sp_asker curl = { 20, 1000 }, wget = { 21, 1000 };
static char folder[] = "/tmp/sallyport-kept-XXXXXX", path[64];
static struct sp_names *names;
static bool all;
static struct sp_name_list list;

static void changed(const uint8_t address[16], void *arg)
{
	(void)address;
	(void)arg;
}

static void begin(void)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/names", folder);
	names = sp_names_new(changed, NULL);
	ck_assert_int_eq(sp_names_keep(names, path, INSTANCE, &all), 0);
}

static void end(void)
{
	sp_names_free(names);
	unlink(path);
	rmdir(folder);
}

/* The daemon goes, another one comes. */
static void restart(uint64_t instance)
{
	sp_names_free(names);
	names = sp_names_new(changed, NULL);
	ck_assert_int_eq(sp_names_keep(names, path, instance, &all), 0);
}

START_TEST(names_outlive_the_daemon)
{
	uint64_t expires;

	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	table_add(names, &curl, "192.0.2.1", "forged.test", false, 1);
	table_add(names, &wget, "2001:db8::1", "news.test", true, 1);
	table_look(names, &curl, "192.0.2.1", 1, &list);
	expires = list.expires;
	ck_assert(!all);	/* nothing was there */

	restart(INSTANCE);
	ck_assert(all);
	table_look(names, &curl, "192.0.2.1", 1, &list);
	ck_assert_uint_eq(list.count, 2);
	ck_assert_uint_eq(list.sure, 1);
	ck_assert_str_eq(list.names[0], "shop.test");
	ck_assert_int_eq(list.origins[0], SP_NAME_OWN);
	ck_assert_str_eq(list.names[1], "forged.test");
	ck_assert_int_eq(list.origins[1], SP_NAME_DOUBTFUL);
	ck_assert_uint_eq(list.expires, expires);
	table_look(names, &curl, "192.0.2.1", expires, &list);
	ck_assert_uint_eq(list.count, 0);
	table_look(names, &curl, "2001:db8::1", 1, &list);
	ck_assert_int_eq(list.origins[0], SP_NAME_OTHER);
	ck_assert_uint_eq(list.askers[0], wget.image);
}
END_TEST

/* Which name is shown first, and which goes first, stays. */
START_TEST(in_their_order)
{
	table_add(names, &curl, "192.0.2.1", "a.test", true, 1);
	table_add(names, &curl, "192.0.2.1", "b.test", true, 1);
	table_add(names, &curl, "192.0.2.1", "a.test", true, 2);	/* again: the latest */
	restart(INSTANCE);
	table_look(names, &curl, "192.0.2.1", 1, &list);
	ck_assert_uint_eq(list.count, 2);
	ck_assert_str_eq(list.names[0], "a.test");
	ck_assert_str_eq(list.names[1], "b.test");
}
END_TEST

START_TEST(what_is_dropped_stays_dropped)
{
	char name[32];
	size_t i;

	for (i = 0; i < SP_NAMES_ADDRESS + 5; i++) {
		snprintf(name, sizeof(name), "n%zu.test", i);
		table_add(names, &curl, "192.0.2.1", name, true, 1);
	}
	table_look(names, &curl, "192.0.2.1", 1, &list);
	ck_assert_str_eq(list.names[0], name);
	i = list.count;
	restart(INSTANCE);
	ck_assert_uint_eq(sp_names_count(names), i);
	table_look(names, &curl, "192.0.2.1", 1, &list);
	ck_assert_uint_eq(list.count, i);
	ck_assert_str_eq(list.names[0], name);
}
END_TEST

/* As many as there may be, and places are used again. */
START_TEST(full)
{
	char address[32];
	size_t i, round;
	uint32_t user;

	for (round = 0; round < 2; round++) {
		for (user = 0; user < SP_NAMES_MAX / SP_NAMES_SHARE; user++) {
			const struct sp_asker asker = { 20, 1000 + user };

			for (i = 0; i < SP_NAMES_SHARE; i++) {
				snprintf(address, sizeof(address), "2001:db8:%zx::%zx", round, i);
				table_add(names, &asker, address, "shop.test", true, 1);
			}
		}
		ck_assert_uint_eq(sp_names_count(names), SP_NAMES_MAX);
		restart(INSTANCE);
		ck_assert_uint_eq(sp_names_count(names), SP_NAMES_MAX);
	}
	table_look(names, &curl, "2001:db8:1::7ff", 1, &list);
	ck_assert_uint_eq(list.count, 1);
	table_look(names, &curl, "2001:db8::7ff", 1, &list);
	ck_assert_uint_eq(list.count, 0);
}
END_TEST

/* Its numbers of images are about other programs. */
START_TEST(of_another_instance_nothing)
{
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	restart(INSTANCE + 1);
	ck_assert_uint_eq(sp_names_count(names), 0);
	restart(INSTANCE);
	ck_assert_uint_eq(sp_names_count(names), 0);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	restart(0);
	ck_assert_uint_eq(sp_names_count(names), 0);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	restart(0);
	ck_assert_uint_eq(sp_names_count(names), 0);
}
END_TEST

static void write_at(off_t offset, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY);

	ck_assert_int_eq(pwrite(fd, data, length, offset), (ssize_t)length);
	close(fd);
}

/* No record is believed that could not have been written. */
START_TEST(what_is_damaged_is_left_out)
{
	static char noise[sizeof(struct sp_kept_name)];
	struct stat status;

	memset(noise, 'x', sizeof(noise));
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	table_add(names, &curl, "192.0.2.2", "news.test", true, 1);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0600);
	write_at(512, noise, sizeof(noise));
	restart(INSTANCE);
	ck_assert_uint_eq(sp_names_count(names), 1);
	write_at(0, noise, 16);
	restart(INSTANCE);
	ck_assert_uint_eq(sp_names_count(names), 0);
	ck_assert(!all);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	ck_assert_int_eq(truncate(path, 600), 0);
	restart(INSTANCE);
	ck_assert_uint_eq(sp_names_count(names), 0);
}
END_TEST

/* A daemon that is killed in the middle leaves names that it was told, and no others. */
START_TEST(killed)
{
	int pipes[2], status, round;
	char name[32], first;
	size_t i, count;
	pid_t child;

	for (round = 0; round < 20; round++) {
		sp_names_free(names);
		ck_assert_int_eq(pipe(pipes), 0);
		child = fork();
		if (!child) {
			names = sp_names_new(changed, NULL);
			sp_names_keep(names, path, INSTANCE, &all);
			for (i = 0;; i++) {
				snprintf(name, sizeof(name), "192.0.2.%zu", i % 200 + 1);
				table_add(names, &curl, name, name, true, 1);
				if (i == 50 && write(pipes[1], "", 1) < 0)
					_exit(1);
			}
		}
		close(pipes[1]);
		ck_assert_int_eq(read(pipes[0], &first, 1), 1);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		close(pipes[0]);
		names = sp_names_new(changed, NULL);
		ck_assert_int_eq(sp_names_keep(names, path, INSTANCE, &all), 0);
		for (count = 0, i = 1; i <= 200; i++) {
			snprintf(name, sizeof(name), "192.0.2.%zu", i);
			table_look(names, &curl, name, 1, &list);
			ck_assert_uint_le(list.count, 1);
			count += list.count;
			if (list.count)
				ck_assert_str_eq(list.names[0], name);
		}
		ck_assert_uint_ge(count, 50);
		ck_assert_uint_eq(sp_names_count(names), count);
	}
}
END_TEST

START_TEST(without_a_file)
{
	char nowhere[128];

	sp_names_free(names);
	names = sp_names_new(changed, NULL);
	snprintf(nowhere, sizeof(nowhere), "%s/none/names", folder);
	ck_assert_int_eq(sp_names_keep(names, nowhere, INSTANCE, &all), ENOENT);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_int_eq(sp_names_keep(names, path, INSTANCE, &all), ELOOP);
	table_add(names, &curl, "192.0.2.1", "shop.test", true, 1);
	table_look(names, &curl, "192.0.2.1", 1, &list);
	ck_assert_uint_eq(list.count, 1);
}
END_TEST

/* What can't be written is known to this daemon all the same, and not to the next. */
START_TEST(full_disk)
{
	struct rlimit small = { .rlim_cur = 512 * 3, .rlim_max = RLIM_INFINITY }, old;
	char address[32];
	size_t i;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (i = 1; i <= 5; i++) {
		snprintf(address, sizeof(address), "192.0.2.%zu", i);
		table_add(names, &curl, address, "shop.test", true, 1);
	}
	table_add(names, &curl, "192.0.2.5", "shop.test", true, 2);
	ck_assert_uint_eq(sp_names_count(names), 5);
	setrlimit(RLIMIT_FSIZE, &old);
	restart(INSTANCE);
	ck_assert_uint_eq(sp_names_count(names), 2);
	ck_assert(!all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kept names");
	TCase *tcase = tcase_create("kept names");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, names_outlive_the_daemon);
	tcase_add_test(tcase, in_their_order);
	tcase_add_test(tcase, what_is_dropped_stays_dropped);
	tcase_add_test(tcase, full);
	tcase_add_test(tcase, of_another_instance_nothing);
	tcase_add_test(tcase, what_is_damaged_is_left_out);
	tcase_add_test(tcase, killed);
	tcase_add_test(tcase, without_a_file);
	tcase_add_test(tcase, full_disk);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
