// SPDX-License-Identifier: GPL-2.0
/* Where processes come from, with the whole module. */
#include <string.h>

#include <linux/binfmts.h>

#include "law.h"
#include "life.h"
#include "owner.h"
#include "process.h"
#include "support.h"
#include "threads.h"

static struct sallyport_process chain[SALLYPORT_CHAIN_MAX];

static void begin(void)
{
	shim_init();
	init_net.next = NULL;
	*shim_param_flows = 1024;
	*shim_param_cache_sets = 4;
	*shim_param_sockets = 1024;
	*shim_param_images = 1024;
	*shim_param_processes = 1024;
	law_world_begin();
	ck_assert_int_eq(shim_module_init(), 0);
}

static void end(void)
{
	law_world_end();
	shim_module_exit();
	shim_exit();
}

/* The process that came last. */
static struct law_process *newest(void)
{
	struct law_process *found = &law_processes[0];
	int i;

	for (i = 1; i < LAW_PROCESSES; i++)
		if (law_processes[i].who.instance > found->who.instance)
			found = &law_processes[i];
	return found;
}

static struct law_process *first(void)
{
	law_fork(NULL);
	return newest();
}

static struct law_process *fork_of(struct law_process *parent)
{
	law_fork(parent);
	return newest();
}

/* Executes @program by way of the file @bprm has, if it has one. */
static void execute(struct law_process *process, int program, struct linux_binprm *bprm)
{
	void (*probe)(void *, struct task_struct *, pid_t, struct linux_binprm *) =
		shim_tracepoint("sched_process_exec");
	static const char given[] = "given", interpreter[] = "interpreter";

	bprm->filename = bprm->interp = given;
	shim_current = &process->task;
	if (bprm->file) {
		shim_call("security_bprm_check", bprm);
		bprm->interp = interpreter;
		shim_call("security_bprm_check", bprm);
	}
	process->task.mm->exe_file = &law_programs[program].file;
	probe(NULL, &process->task, process->task.pid, bprm);
	shim_current = &law_daemon_task;
}

/* Its number, which counts as told if @seen. */
static u64 number_of(struct law_process *process, bool seen)
{
	struct sp_who who;
	u64 id;

	shim_current = &process->task;
	if (seen) {
		sp_process_current(&who);
		sp_image_put(who.image);
		id = who.process;
	} else {
		id = 0;
		while (sp_life_chain(id + 1, chain) && chain[0].pid != (u32)process->task.tgid)
			id++;
		id++;
	}
	shim_current = &law_daemon_task;
	return id;
}

static u32 chain_of(struct law_process *process)
{
	return sp_life_chain(number_of(process, true), chain);
}

static void plain(struct law_process *process, int program)
{
	struct linux_binprm bprm = { };

	execute(process, program, &bprm);
}

START_TEST(what_launched_it)
{
	struct law_process *shell = first(), *child;

	plain(shell, 0);
	child = fork_of(shell);
	plain(child, 1);
	/* the fork of the shell that became the program is left out */
	ck_assert_uint_eq(chain_of(child), 3);
	ck_assert_uint_eq(chain[0].pid, child->task.tgid);
	ck_assert_uint_eq(chain[1].pid, shell->task.tgid);
	ck_assert_uint_ne(chain[0].image, chain[1].image);
	ck_assert_uint_eq(chain[1].flags & SALLYPORT_PROCESS_CUT, 0);
	/* how the first one came about was not seen */
	ck_assert_uint_eq(chain[2].flags & SALLYPORT_PROCESS_CUT, SALLYPORT_PROCESS_CUT);
}
END_TEST

START_TEST(those_that_are_gone_are_remembered)
{
	struct law_process *shell = first(), *child;
	u64 shell_id, image;

	plain(shell, 0);
	child = fork_of(shell);
	plain(child, 1);
	shell_id = number_of(shell, true);
	sp_life_chain(shell_id, chain);
	image = chain[0].image;
	law_exit(shell);
	chain_of(child);
	ck_assert_uint_eq(chain[1].id, shell_id);
	ck_assert_uint_eq(chain[1].image, image);
	law_exit(child);
	ck_assert_uint_eq(sp_life_chain(shell_id, chain), 0);
}
END_TEST

START_TEST(a_fork_that_was_seen_stays)
{
	struct law_process *shell = first(), *child;
	u64 fork;

	plain(shell, 0);
	child = fork_of(shell);
	fork = number_of(child, true);
	plain(child, 1);
	chain_of(child);
	ck_assert_uint_eq(chain[1].id, fork);
}
END_TEST

START_TEST(a_long_chain_is_cut)
{
	struct law_process *process = first(), *child;
	u32 longest = 0, n, i;
	bool cut = false;

	for (i = 0; i < 3 * SALLYPORT_CHAIN_MAX; i++) {
		plain(process, i & 1);
		child = fork_of(process);
		plain(child, 2);
		law_exit(process);
		process = child;
		n = chain_of(process);
		longest = max(longest, n);
		cut |= !!(chain[n - 1].flags & SALLYPORT_PROCESS_CUT);
	}
	ck_assert_uint_eq(longest, SALLYPORT_CHAIN_MAX);
	ck_assert(cut);
}
END_TEST

static struct linux_binprm script(int program)
{
	return (struct linux_binprm) {
		.file = &law_programs[program].file, .buf = "#!/",
	};
}

START_TEST(an_executed_script_is_known)
{
	struct law_process *process = first(), *child;
	struct linux_binprm bprm = script(3);
	struct sp_image *image;

	execute(process, 0, &bprm);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_NOSCRIPT, 0);
	image = sp_image_by_id(chain[0].script);
	ck_assert_ptr_nonnull(image);
	ck_assert_int_eq(memcmp(image->path, law_programs[3].name, image->path_length), 0);
	sp_image_put(image);
	/* … in its forks, and not in what it executes */
	child = fork_of(process);
	chain_of(child);
	ck_assert_uint_eq(chain[0].script, chain[1].script);
	plain(child, 1);
	chain_of(child);
	ck_assert_uint_eq(chain[0].script, 0);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_NOSCRIPT, 0);
}
END_TEST

/* Another thread's execution came in between: whose script it was is not known. */
START_TEST(a_script_of_another_thread_is_not_believed)
{
	void (*probe)(void *, struct task_struct *, pid_t, struct linux_binprm *) =
		shim_tracepoint("sched_process_exec");
	struct linux_binprm mine = script(3), other = script(2);
	struct law_process *process = first();

	shim_current = &process->task;
	mine.filename = mine.interp = other.filename = other.interp = "given";
	shim_call("security_bprm_check", &mine);
	shim_call("security_bprm_check", &other);
	mine.interp = "interpreter";
	probe(NULL, &process->task, process->task.pid, &mine);
	shim_current = &law_daemon_task;
	chain_of(process);
	ck_assert_uint_eq(chain[0].script, 0);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_NOSCRIPT,
			  SALLYPORT_PROCESS_NOSCRIPT);
}
END_TEST

START_TEST(no_memory_for_a_script)
{
	struct linux_binprm bprm = script(3);
	struct law_process *process = first();

	shim_current = &process->task;
	bprm.filename = bprm.interp = "given";
	shim_fail_nth(1);
	shim_call("security_bprm_check", &bprm);
	ck_assert(shim_failed());
	shim_fail_nth(0);
	bprm.file = NULL;
	bprm.interp = "interpreter";
	((void (*)(void *, struct task_struct *, pid_t, struct linux_binprm *))
	 shim_tracepoint("sched_process_exec"))(NULL, &process->task, process->task.pid, &bprm);
	shim_current = &law_daemon_task;
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_NOSCRIPT,
			  SALLYPORT_PROCESS_NOSCRIPT);
}
END_TEST

START_TEST(a_tracer_makes_another_of_it)
{
	struct law_process *process = first();
	struct mm_struct memory = process->mm;
	u64 before;

	plain(process, 0);
	before = number_of(process, true);
	shim_call_with("security_ptrace_access_check", &process->task, 1);	/* to read */
	ck_assert_uint_eq(number_of(process, true), before);
	shim_call_with("security_ptrace_access_check", &process->task, PTRACE_MODE_ATTACH);
	chain_of(process);
	ck_assert_uint_ne(chain[0].id, before);
	ck_assert_uint_eq(chain[1].id, before);
	ck_assert_uint_eq(chain[0].image, chain[1].image);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, SALLYPORT_PROCESS_TRACED);
	/* once */
	before = chain[0].id;
	shim_call_with("security_ptrace_access_check", &process->task, PTRACE_MODE_ATTACH);
	ck_assert_uint_eq(number_of(process, true), before);
	/* what it executes next, in memory of its own, is its own again */
	process->task.mm = &memory;
	plain(process, 1);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, 0);
	process->task.ptrace = 1;
	plain(process, 1);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, SALLYPORT_PROCESS_TRACED);
}
END_TEST

/* Its memory is there before its execution is noted: what is done meanwhile counts. */
START_TEST(a_tracer_before_the_execution_is_noted)
{
	struct law_process *process = first();
	struct mm_struct memory = process->mm;

	plain(process, 0);
	process->task.mm = &memory;
	shim_call_with("security_ptrace_access_check", &process->task, PTRACE_MODE_ATTACH);
	plain(process, 1);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, SALLYPORT_PROCESS_TRACED);
	process->task.mm = &process->mm;
	plain(process, 1);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, 0);
}
END_TEST

/* There was no memory to note what it executes. */
static void without_a_record(struct law_process *process)
{
	u32 count = sp_process_count();

	shim_fail_nth(1);
	plain(process, 0);
	ck_assert(shim_failed());
	shim_fail_nth(0);
	ck_assert_uint_eq(sp_process_count(), count - 1);
}

/* Nobody knows which memory was opened: it may be what it has now. */
START_TEST(a_tracer_of_one_without_a_record)
{
	struct law_process *process = first();

	without_a_record(process);
	plain(process, 1);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, 0);

	without_a_record(process);
	shim_call_with("security_ptrace_access_check", &process->task, PTRACE_MODE_ATTACH);
	plain(process, 1);
	chain_of(process);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, SALLYPORT_PROCESS_TRACED);
}
END_TEST

/* A process can be found a moment before its fork is noted. */
START_TEST(a_tracer_before_the_fork_is_noted)
{
	void (*probe)(void *, struct task_struct *, struct task_struct *) =
		shim_tracepoint("sched_process_fork");
	struct law_process *parent = first(), *child;

	plain(parent, 0);
	child = fork_of(parent);
	without_a_record(child);
	shim_call_with("security_ptrace_access_check", &child->task, PTRACE_MODE_ATTACH);
	probe(NULL, &parent->task, &child->task);
	chain_of(child);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, SALLYPORT_PROCESS_TRACED);
	chain_of(parent);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, 0);
}
END_TEST

static struct law_process *raced;

static void is_executed(void)
{
	struct linux_binprm bprm = { .filename = "given", .interp = "given" };
	void (*probe)(void *, struct task_struct *, pid_t, struct linux_binprm *) =
		shim_tracepoint("sched_process_exec");

	probe(NULL, &raced->task, raced->task.pid, &bprm);
}

static void is_opened(void)
{
	shim_call_with("security_ptrace_access_check", &raced->task, PTRACE_MODE_ATTACH);
}

/* Its memory is opened while its execution is noted: @begins is stopped at a point. */
static void race(int begins, int point, int then)
{
	void (*const functions[])(void) = { is_executed, is_opened };
	const struct shim_turn turns[] = {
		{ begins, point }, { !begins, then }, { begins, -1 }, { !begins, -1 },
	};
	struct mm_struct memory = raced->mm;
	u64 before;

	raced->task.mm = &raced->mm;
	plain(raced, 0);
	chain_of(raced);
	before = chain[0].image;
	memory.exe_file = &law_programs[1].file;
	raced->task.mm = &memory;
	shim_threads_run(functions, 2, turns, ARRAY_SIZE(turns));
	chain_of(raced);
	ck_assert_uint_eq(chain[0].flags & SALLYPORT_PROCESS_TRACED, SALLYPORT_PROCESS_TRACED);
	ck_assert_uint_ne(chain[0].image, before);
	raced->task.mm = &raced->mm;
}

START_TEST(a_tracer_while_the_execution_is_noted)
{
	int begins, i, j, points[2];

	raced = first();
	race(0, -1, -1);
	points[0] = shim_thread_points(0);
	points[1] = shim_thread_points(1);
	for (begins = 0; begins < 2; begins++)
		for (i = 0; i <= points[begins] + 2; i++)
			for (j = 0; j <= points[!begins] + 2; j++)
				race(begins, i, j);
}
END_TEST

/* By the id that it has now: what it is, and nothing else. */
START_TEST(a_process_is_found_by_its_id)
{
	struct law_process *process = first();
	u64 before = number_of(process, true);
	pid_t tgid = process->task.tgid;

	shim_tasks = &process->task;
	ck_assert_uint_eq(sp_process_of(tgid), before);
	ck_assert_uint_eq(sp_process_of(tgid + 12345), 0);
	plain(process, 1);
	ck_assert_uint_ne(sp_process_of(tgid), 0);
	ck_assert_uint_ne(sp_process_of(tgid), before);
	/* another process has the id, which nobody saw begin */
	process->task.start_boottime++;
	ck_assert_uint_eq(sp_process_of(tgid), 0);
	process->task.start_boottime--;
	shim_tasks = &law_daemon_task;
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("life");

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, what_launched_it);
	tcase_add_test(tests, those_that_are_gone_are_remembered);
	tcase_add_test(tests, a_fork_that_was_seen_stays);
	tcase_add_test(tests, a_long_chain_is_cut);
	tcase_add_test(tests, an_executed_script_is_known);
	tcase_add_test(tests, a_script_of_another_thread_is_not_believed);
	tcase_add_test(tests, no_memory_for_a_script);
	tcase_add_test(tests, a_tracer_makes_another_of_it);
	tcase_add_test(tests, a_tracer_before_the_execution_is_noted);
	tcase_add_test(tests, a_tracer_of_one_without_a_record);
	tcase_add_test(tests, a_tracer_before_the_fork_is_noted);
	tcase_add_test(tests, a_tracer_while_the_execution_is_noted);
	tcase_add_test(tests, a_process_is_found_by_its_id);
	return support_run(tests);
}
