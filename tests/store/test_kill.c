/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A writer (writer.c) is killed at random moments. What it had said was done is
 * there afterwards, what it had begun is there whole or not at all, and nothing
 * else is. Now and then the database is taken away too: then the copy has to
 * give all, or say that it can't.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "case.h"
#include "model.h"
#include "text.h"

static unsigned kills(void)
{
	const char *number = getenv("STORE_KILLS");

	return number ? (unsigned)atoi(number) : 250;
}

static struct model_pair known;
static unsigned torn, restored, short_restored;

struct listener {
	int fd;
	char text[1 << 16];
	size_t size;
};

/* Takes what the writer has said; a line that is cut off waits. False: the end. */
static bool listen_once(struct listener *listener)
{
	ssize_t got = read(listener->fd, listener->text + listener->size,
			   sizeof(listener->text) - 1 - listener->size);
	char *line = listener->text, *end;

	if (got <= 0)
		return false;
	listener->size += (size_t)got;
	listener->text[listener->size] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		model_hear(&known, line);
		line = end + 1;
	}
	listener->size -= (size_t)(line - listener->text);
	memmove(listener->text, line, listener->size);
	return true;
}

static int64_t microseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void listen_for(struct listener *listener, int64_t delay)
{
	int64_t until = microseconds() + delay, left;

	while ((left = until - microseconds()) > 0) {
		struct pollfd poll = { .fd = listener->fd, .events = POLLIN };
		struct timespec wait = { left / 1000000, left % 1000000 * 1000 };

		if (ppoll(&poll, 1, &wait, NULL) > 0 && !listen_once(listener))
			return;
	}
}

static pid_t start_writer(unsigned seed, int *end)
{
	char text[16];
	int ends[2];
	pid_t child;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	snprintf(text, sizeof(text), "%u", seed);
	child = fork();
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		execl(getenv("STORE_WRITER"), "store-writer", case_folder, text, NULL);
		_exit(127);
	}
	close(ends[1]);
	*end = ends[0];
	return child;
}

/*
 * @delay after it has opened the store and acknowledged @sets, or, with none, after
 * its start. Its last words are heard too: a pipe keeps them.
 */
static void kill_writer(unsigned seed, unsigned sets, int64_t delay)
{
	struct listener listener = { .fd = -1 };
	pid_t child = start_writer(seed, &listener.fd);
	int status;

	sets += known.done;
	while (known.done < sets && listen_once(&listener))
		;
	listen_for(&listener, delay);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status), "the writer failed with status %d", WEXITSTATUS(status));
	while (listen_once(&listener))
		;
	close(listener.fd);
}

/* A new beginning: what the store says is what is known. */
static void believe(const struct sp_rule *rules, size_t count)
{
	model_clear(&known.acknowledged);
	for (size_t i = 0; i < count; i++)
		known.acknowledged.rules[i] = (struct known){ rules[i].id, sp_text_print(&rules[i], NULL) };
	known.acknowledged.count = count;
}

static void check_restored(const struct sp_rule *rules, size_t count)
{
	if (strstr(case_message, "may lack the latest changes")) {
		for (size_t i = 0; i < count; i++)
			ck_assert(rules[i].unconfirmed || rules[i].action != SP_ALLOW);
		short_restored++;
		return;
	}
	ck_assert_ptr_nonnull(strstr(case_message, "are restored from the copy"));
	ck_assert(model_holds(&known, rules, count));
	restored++;
}

static void check_store(bool taken_away, uint64_t probe)
{
	const struct sp_actor actor = { 0, "probe" };
	struct sp_change add = { .kind = SP_CHANGE_ADD };
	struct sp_rule *rules;
	size_t count;

	case_open();
	ck_assert_int_eq(sp_store_load(case_store, &rules, &count), SP_STORE_OK);
	if (taken_away) {
		check_restored(rules, count);
	} else {
		ck_assert_str_eq(case_message, "");
		ck_assert_msg(model_holds(&known, rules, count), "after kill %" PRIu64, probe);
		torn += !model_is(&known.acknowledged, rules, count);
	}
	believe(rules, count);
	for (size_t i = 0; i < count; i++)
		sp_rule_clear(&rules[i]);
	free(rules);
	/* What id comes next: one that was never given. */
	sp_rule_init(&add.rule);
	ck_assert_int_eq(sp_store_apply(case_store, &add, 1, &actor), SP_STORE_OK);
	ck_assert_uint_ge(add.rule.id, known.acknowledged.next);
	known.acknowledged.next = add.rule.id + 1;
	add.kind = SP_CHANGE_REMOVE;
	ck_assert_int_eq(sp_store_apply(case_store, &add, 1, &actor), SP_STORE_OK);
	case_close();
	model_copy(&known.begun, &known.acknowledged);
}

static void take_away(void)
{
	unlink(case_path("policy.db"));
	unlink(case_path("policy.db-wal"));
	unlink(case_path("policy.db-shm"));
}

START_TEST(loses_nothing_when_killed)
{
	struct unit_random random = { 5 };
	unsigned number = kills(), wanted = 0;

	model_begin(&known);
	for (unsigned i = 0; i < number; i++) {
		/* Some die while they open the store. */
		unsigned sets = unit_chance(&random, 4) ? 0 : 1 + unit_below(&random, 20);
		bool away;

		kill_writer(i, sets, unit_below(&random, 10000));
		wanted += sets;
		away = unit_chance(&random, 10) && case_exists("policy.rules");
		if (away)
			take_away();
		check_store(away, i);
		ck_assert(!case_exists("policy.db.damaged-1"));
	}
	printf("# %u kills: %u sets acknowledged and found; %u sets were durable and not yet acknowledged;\n"
	       "# of the copies that were needed %u had all, %u said that they may not\n",
	       number, known.done, torn, restored, short_restored);
	ck_assert_uint_ge(known.done, wanted);
	ck_assert_uint_gt(restored, 0);
	model_clear(&known.acknowledged);
	model_clear(&known.begun);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kill");
	TCase *tcase = tcase_create("kill");

	tcase_add_checked_fixture(tcase, case_setup_on_disk, case_teardown);
	tcase_set_timeout(tcase, 3600);
	tcase_add_test(tcase, loses_nothing_when_killed);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
