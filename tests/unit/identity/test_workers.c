/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages of files that are there, found by threads. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "identity.h"
#include "workers.h"
#include "writers.h"

#define ENV "/usr/bin/env"	/* root's, on any machine */

static char *root;
static struct sp_index *index_;
static struct sp_workers *workers;
static bool no_memory;
static const struct sp_fact_source *source;

struct sp_known *__real_sp_known_new(enum sp_known_kind kind, uint64_t id, const char *first,
				     const char *second);
struct sp_known *__wrap_sp_known_new(enum sp_known_kind kind, uint64_t id, const char *first,
				     const char *second);

/* The linker puts it in the place of the real one. */
struct sp_known *__wrap_sp_known_new(enum sp_known_kind kind, uint64_t id, const char *first,
				     const char *second)
{
	return no_memory ? NULL : __real_sp_known_new(kind, id, first, second);
}

static void list(const char *package, const char *text)
{
	g_autofree char *folder = g_build_filename(root, "var/lib/dpkg/info", NULL);
	g_autofree char *name = g_strconcat(package, ".list", NULL);
	g_autofree char *path = g_build_filename(folder, name, NULL);

	ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void setup(void)
{
	root = g_dir_make_tmp("sallyport-workers-XXXXXX", NULL);
	list("coreutils", ENV "\n/usr/bin/gone-since\n/tmp/mine\n");
	index_ = sp_index_new(root);
	workers = sp_workers_new(index_);
	source = sp_workers_source(workers);
	source->begin(source->data);
}

static void teardown(void)
{
	g_autofree char *command = g_strdup_printf("rm -r %s", root);

	sp_workers_free(workers);
	sp_index_unref(index_);
	ck_assert_int_eq(system(command), 0);
	g_free(root);
}

static bool want(uint64_t id, const char *path, uint32_t flags, uint32_t user)
{
	struct sp_want *want = calloc(1, sizeof(*want) + strlen(path) + 1);

	want->fd = -1;
	want->kind = SP_KNOWN_PACKAGE;
	want->id = want->image.id = id;
	want->image.flags = flags;
	want->user = user;
	strcpy(want->path, path);
	if (source->want(source->data, want))
		return true;
	sp_want_free(want);
	return false;
}

static struct sp_known *next(void)
{
	struct pollfd fd = { .fd = source->fd, .events = POLLIN };
	struct sp_known *known;

	while (!(known = source->take(source->data)))
		ck_assert_int_eq(poll(&fd, 1, 10000), 1);
	return known;
}

static void assert_package(const char *path, uint32_t flags, const char *package)
{
	struct sp_known *known;

	ck_assert(want(16, path, flags, 1000));
	known = next();
	ck_assert_uint_eq(known->id, 16);
	ck_assert(!known->failed);
	ck_assert_pstr_eq(known->text[0], package);
	free(known);
}

START_TEST(files_of_packages)
{
	assert_package(ENV, 0, "coreutils");
	assert_package(ENV, SALLYPORT_IMAGE_FOREIGN, NULL);
	assert_package(ENV, SALLYPORT_IMAGE_DELETED, NULL);
	assert_package(ENV, SALLYPORT_IMAGE_USERNS, NULL);
	assert_package("/usr/bin/other", 0, NULL);
	/* Replaced after it was executed: only root could do that. */
	assert_package("/usr/bin/gone-since", 0, "coreutils");
	/* Whatever dpkg says, others can write there. */
	assert_package("/tmp/mine", 0, NULL);
}
END_TEST

START_TEST(what_is_not_known_fails)
{
	struct sp_known *known;

	ck_assert(want(16, "", SALLYPORT_IMAGE_NOPATH, 1000));
	known = next();
	ck_assert(known->failed);
	free(known);
}
END_TEST

START_TEST(each_want_gets_an_answer_without_memory_too)
{
	struct sp_known *known;

	no_memory = true;
	ck_assert(want(16, ENV, 0, 1000));
	known = next();
	no_memory = false;
	ck_assert_uint_eq(known->id, 16);
	ck_assert(known->failed);
	free(known);
}
END_TEST

START_TEST(a_changed_database_is_read_again)
{
	struct sp_known *known;

	assert_package("/usr/bin/other", 0, NULL);
	list("other", "/usr/bin/other\n");
	assert_package("/usr/bin/other", 0, NULL);
	sp_workers_packages_changed(workers);
	known = next();
	ck_assert_int_eq(known->kind, SP_KNOWN_PACKAGE);
	ck_assert_uint_eq(known->id, 0);
	free(known);
	assert_package("/usr/bin/other", 0, "other");
}
END_TEST

static void *read_index(void *data)
{
	sp_index_read(data);
	return NULL;
}

/* Who says so is the main loop; a database may take long to be read, as a pipe does. */
START_TEST(a_database_changes_while_it_is_read)
{
	g_autofree char *slow = g_build_filename(root, "var/lib/dpkg/info/slow.list", NULL);
	g_autofree char *name = NULL;
	GThread *thread;
	int writer;

	g_clear_pointer(&workers, sp_workers_free);	/* which read it, too */
	sp_index_void(index_);
	ck_assert_int_eq(mkfifo(slow, 0600), 0);
	thread = g_thread_new("reader", read_index, index_);
	g_usleep(200000);
	sp_index_void(index_);
	list("other", "/usr/bin/other\n");
	while ((writer = open(slow, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
		g_usleep(1000);
	unlink(slow);
	g_thread_join(thread);
	close(writer);
	ck_assert_int_eq(sp_index_package(index_, &(struct sallyport_image){ .id = 16 },
					  "/usr/bin/other", &name), SP_FOUND);
	ck_assert_str_eq(name, "other");
}
END_TEST

/* A share for each, until what is under way is done. */
START_TEST(a_user_has_a_share)
{
	unsigned taken = 0;

	sp_workers_free(workers);
	workers = sp_workers_new(index_);
	source = sp_workers_source(workers);
	for (uint64_t id = 16; id < 16 + 100000 && want(id, ENV, 0, 1000); id++)
		taken++;
	ck_assert_uint_ge(taken, SP_WANTS_USER_MAX);
	ck_assert(want(7, ENV, 0, 1001));
	for (unsigned i = 0; i < taken + 1; i++)
		free(next());
	ck_assert(want(8, ENV, 0, 1000));
	free(next());
}
END_TEST

START_TEST(a_new_session_hears_nothing_of_the_old)
{
	struct sp_known *known;

	for (uint64_t id = 16; id < 48; id++)
		ck_assert(want(id, ENV, 0, 1000));
	source->begin(source->data);
	ck_assert(want(99, ENV, 0, 1000));
	known = next();
	ck_assert_uint_eq(known->id, 99);
	free(known);
}
END_TEST

static bool want_hash(const char *path, uint64_t id, uint32_t user, int64_t older)
{
	struct sp_want *want = calloc(1, sizeof(*want) + 1);
	struct stat stat;

	want->kind = SP_KNOWN_HASH;
	want->id = id;
	want->user = user;
	want->fd = open(path, O_PATH | O_CLOEXEC);
	ck_assert_int_eq(fstat(want->fd, &stat), 0);
	want->image.ino = stat.st_ino;
	want->image.ctime = stat.st_ctim.tv_sec * 1000000000ll + stat.st_ctim.tv_nsec - older;
	if (source->want(source->data, want))
		return true;
	sp_want_free(want);
	return false;
}

static struct sp_known *hash_of(const char *path, int64_t older)
{
	ck_assert(want_hash(path, 16, 1000, older));
	return next();
}

START_TEST(hashes_of_files)
{
	g_autofree char *file = g_build_filename(root, "file", NULL);
	struct sp_known *known;

	ck_assert(g_file_set_contents(file, "abc", 3, NULL));
	known = hash_of(file, 0);
	ck_assert(!known->failed);
	ck_assert_str_eq(known->text[0],
			 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	free(known);
	/* Changed since it was executed. */
	known = hash_of(file, 1);
	ck_assert(known->failed);
	free(known);
	known = hash_of(root, 0);
	ck_assert(known->failed);
	free(known);
}
END_TEST

/* A file of so many MiB without a byte on the disk. */
static char *sparse(const char *name, size_t size)
{
	char *file = g_build_filename(root, name, NULL);

	ck_assert(g_file_set_contents(file, "", 0, NULL));
	ck_assert_int_eq(truncate(file, (off_t)size << 20), 0);
	return file;
}

START_TEST(a_file_is_read_in_pieces)
{
	size_t size = 40;
	g_autofree char *file = sparse("file", size);
	g_autofree guchar *bytes = g_malloc0(size << 20);
	g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size << 20);
	g_autofree char *too_large = sparse("too-large", 1025);
	struct sp_known *known = hash_of(file, 0);

	ck_assert(!known->failed);
	ck_assert_str_eq(known->text[0], sum);
	free(known);
	known = hash_of(too_large, 0);
	ck_assert(known->failed);
	free(known);
}
END_TEST

START_TEST(large_files_hold_up_their_own_user)
{
	g_autofree char *large = sparse("large", 1000), *small = sparse("small", 1);
	unsigned taken = 0;

	while (want_hash(large, 100 + taken, 1000, 0))
		taken++;
	ck_assert_uint_ge(taken, SP_SUMS_USER_MAX);
	ck_assert_uint_le(taken, SP_SUMS_USER_MAX + 1);	/* one is being read */
	for (uint32_t user = 999; user <= 1001; user += 2) {
		struct sp_known *known;

		ck_assert(want_hash(small, user, user, 0));
		known = next();
		ck_assert_uint_eq(known->id, user);
		ck_assert(!known->failed);
		free(known);
	}
}
END_TEST

START_TEST(who_may_write)
{
	g_autofree char *file = g_build_filename(root, "file", NULL);

	ck_assert(g_file_set_contents(file, "", -1, NULL));
	ck_assert_int_eq(sp_writers_of_file(ENV), SP_WRITERS_ROOT);
	ck_assert_int_eq(sp_writers_of_folders("/usr/bin/none"), SP_WRITERS_ROOT);
	ck_assert_int_eq(sp_writers_of_file("/usr/bin/none"), SP_WRITERS_UNKNOWN);
	ck_assert_int_eq(sp_writers_of_file("/usr/none/at/all"), SP_WRITERS_UNKNOWN);
	ck_assert_int_eq(sp_writers_of_file(file), SP_WRITERS_OTHERS);	/* in /tmp */
	ck_assert_int_eq(sp_writers_of_file("relative"), SP_WRITERS_UNKNOWN);
	ck_assert_int_eq(sp_writers_of_file("/proc/self/exe"), SP_WRITERS_UNKNOWN);
}
END_TEST

Suite *suite_workers(void)
{
	Suite *suite = suite_create("workers");
	TCase *tests = tcase_create("workers");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, files_of_packages);
	tcase_add_test(tests, what_is_not_known_fails);
	tcase_add_test(tests, each_want_gets_an_answer_without_memory_too);
	tcase_add_test(tests, a_changed_database_is_read_again);
	tcase_add_test(tests, a_database_changes_while_it_is_read);
	tcase_add_test(tests, a_user_has_a_share);
	tcase_add_test(tests, a_new_session_hears_nothing_of_the_old);
	tcase_add_test(tests, hashes_of_files);
	tcase_add_test(tests, a_file_is_read_in_pieces);
	tcase_add_test(tests, large_files_hold_up_their_own_user);
	tcase_add_test(tests, who_may_write);
	suite_add_tcase(suite, tests);
	return suite;
}
