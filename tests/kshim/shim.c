// SPDX-License-Identifier: GPL-2.0
/* The pretended kernel; see shim.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shim.h"
#include "threads.h"
#include <linux/bit_spinlock.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

/* Tests expect signals; allocations are counted here, also in forked tests. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "handle_segv=0:handle_abort=0:abort_on_error=1:detect_leaks=0";
}

struct shim_context shim_context;
struct task_struct *shim_current;
bool shim_softirq;
int shim_cpus = 4;
int shim_cpu;
unsigned long jiffies;
uint64_t shim_boottime;
uint32_t shim_hash_mask;

const char *shim_place;

void shim_bug_at(const char *file, int line, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s%s%s:%d: ", shim_place ? shim_place : "",
		shim_place ? ": " : "", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void shim_might_sleep(const char *file, int line)
{
	const struct shim_context *c = &shim_context;

	if (c->locks || c->bh || c->irq || c->rcu)
		shim_bug_at(file, line, "sleeps: %d locks, bh %d, irq %d, rcu %d",
			    c->locks, c->bh, c->irq, c->rcu);
}

void shim_check_idle(void)
{
	shim_might_sleep(__FILE__, __LINE__);
}

void shim_check_pinned(void)
{
	if (!shim_context.locks && !shim_context.bh && !shim_context.irq)
		shim_bug("per-CPU access may be preempted");
}

void shim_spin_lock(spinlock_t *lock, const char *file, int line)
{
	if (!shim_context.bh && !shim_context.irq && !lock->process)
		shim_bug_at(file, line, "softirq may take the lock again");
	if (!lock->ready)
		shim_bug_at(file, line, "lock was not initialised");
	shim_point();
	while (lock->held && shim_point_hook && lock->thread != shim_thread)
		shim_thread_waits();
	if (lock->held)
		shim_bug_at(file, line, "lock is held");
	lock->held = true;
	lock->thread = shim_thread;
	shim_context.locks++;
}

void shim_spin_unlock(spinlock_t *lock, const char *file, int line)
{
	if (!lock->held)
		shim_bug_at(file, line, "lock is not held");
	lock->held = false;
	shim_context.locks--;
	shim_point();
}

void shim_bit_lock(unsigned long *word, const char *file, int line)
{
	const unsigned long own = shim_thread + 1;

	if (!shim_context.bh && !shim_context.irq)
		shim_bug_at(file, line, "softirq may take the lock again");
	shim_point();
	while (*word && shim_point_hook && *word != own)
		shim_thread_waits();
	if (*word)
		shim_bug_at(file, line, "lock is held");
	*word = own;
	shim_context.locks++;
}

void shim_bit_unlock(unsigned long *word, const char *file, int line)
{
	if (!*word)
		shim_bug_at(file, line, "lock is not held");
	*word = 0;
	shim_context.locks--;
	shim_point();
}

/* Per-CPU variables are in a section of their own, of which CPUs have copies. */
extern char __start_percpu_variables[] __attribute__((weak));
extern char __stop_percpu_variables[] __attribute__((weak));
static char *percpu_copies;

static size_t percpu_size(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t size = __stop_percpu_variables - __start_percpu_variables;

	return (size + page - 1) / page * page;
}

static void *map(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		shim_bug("mmap");
	return memory;
}

static void percpu_init(void)
{
	size_t size = percpu_size();
	int cpu;

	if (!size)
		return;
	percpu_copies = map(size * SHIM_CPUS_MAX);
	for (cpu = 0; cpu < SHIM_CPUS_MAX; cpu++)
		memcpy(percpu_copies + cpu * size, __start_percpu_variables,
		       __stop_percpu_variables - __start_percpu_variables);
}

void *shim_percpu(const void *base, int cpu)
{
	const char *variable = base;

	if (variable < __start_percpu_variables || variable >= __stop_percpu_variables ||
	    cpu < 0 || cpu >= shim_cpus)
		shim_bug("no per-CPU variable, or no CPU %d", cpu);
	return percpu_copies + cpu * percpu_size() +
	       (variable - __start_percpu_variables);
}

void shim_advance_ms(uint64_t ms)
{
	shim_boottime += ms * 1000000;
	jiffies += ms * SHIM_HZ / 1000;
}

/* Each allocation has one. */
struct block {
	struct block *next, **link;
	void *memory;
	size_t size;
	size_t mapped;		/* 0: by malloc() */
	bool unlinked;		/* in this grace period */
};

static struct block *blocks;
static size_t live;
static bool use_pages;
static int fail_nth, fail_chance;
static bool failed;

void shim_fail_nth(int n)
{
	fail_nth = n;
	fail_chance = 0;
	failed = false;
}

void shim_fail_chance(int one_in)
{
	fail_nth = 0;
	fail_chance = one_in;
	failed = false;
}

bool shim_failed(void)
{
	return failed;
}

static bool fails(void)
{
	bool fail = (fail_nth && !--fail_nth) ||
		    (fail_chance && !shim_random(fail_chance));

	failed |= fail;
	return fail;
}

void *shim_alloc(size_t size, bool may_sleep)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct block *block;

	if (may_sleep)
		shim_check_idle();
	if (fails())
		return NULL;
	block = calloc(1, sizeof(*block));
	if (use_pages) {
		block->mapped = (size + page - 1) / page * page;
		block->memory = map(block->mapped);
	} else {
		block->memory = calloc(1, size ? size : 1);
	}
	block->size = size;
	block->next = blocks;
	block->link = &blocks;
	if (blocks)
		blocks->link = &block->next;
	blocks = block;
	live++;
	return block->memory;
}

static struct block *block_of(const void *memory)
{
	struct block *block;

	for (block = blocks; block; block = block->next)
		if (block->memory == memory)
			return block;
	shim_bug("freed what is not allocated");
}

void shim_free(const void *memory)
{
	struct block *block;

	if (!memory)
		return;
	block = block_of(memory);
	if (block->unlinked)
		shim_bug("freed in the grace period it was unlinked in");
	*block->link = block->next;
	if (block->next)
		block->next->link = block->link;
	if (block->mapped)
		munmap(block->memory, block->mapped);
	else
		free(block->memory);
	free(block);
	live--;
}

size_t shim_live(void)
{
	return live;
}

void shim_use_pages(void)
{
	use_pages = true;
}

void shim_protect(const void *keep)
{
	struct block *block;
	int cpu;

	for (block = blocks; block; block = block->next)
		if (block->mapped && block->memory != keep)
			mprotect(block->memory, block->mapped, PROT_READ);
	for (cpu = 0; cpu < SHIM_CPUS_MAX; cpu++)
		if (cpu != shim_cpu)
			mprotect(percpu_copies + cpu * percpu_size(),
				 percpu_size(), PROT_READ);
}

void shim_unprotect(void)
{
	struct block *block;

	for (block = blocks; block; block = block->next)
		if (block->mapped)
			mprotect(block->memory, block->mapped,
				 PROT_READ | PROT_WRITE);
	mprotect(percpu_copies, percpu_size() * SHIM_CPUS_MAX,
		 PROT_READ | PROT_WRITE);
}

void shim_rcu_unlinked(const void *node)
{
	const char *place = node, *start;
	struct block *block;

	for (block = blocks; block; block = block->next) {
		start = block->memory;
		if (place >= start && place < start + block->size)
			block->unlinked = true;
	}
}

static void grace_period_over(void)
{
	struct block *block;

	for (block = blocks; block; block = block->next)
		block->unlinked = false;
}

static struct rcu_head *deferred, **deferred_end = &deferred;

void shim_rcu_defer(struct rcu_head *head,
		    void (*func)(struct rcu_head *head), void *memory)
{
	struct rcu_head *other;

	for (other = deferred; other; other = other->next)
		if (other == head)
			shim_bug("deferred twice");
	head->next = NULL;
	head->func = func;
	head->memory = memory;
	*deferred_end = head;
	deferred_end = &head->next;
}

/* Callbacks run in softirq. */
void shim_rcu_run(void)
{
	struct rcu_head *head, *next;

	shim_check_idle();
	head = deferred;	/* what comes from now on waits for the next */
	deferred = NULL;
	deferred_end = &deferred;
	shim_threads_leave_rcu();
	grace_period_over();
	shim_context.bh++;
	for (; head; head = next) {
		next = head->next;
		if (head->memory)
			shim_free(head->memory);
		else
			head->func(head);
	}
	shim_context.bh--;
}

static struct work_struct *works;

bool shim_schedule(struct work_struct *work)
{
	if (work->pending)
		return false;
	work->pending = true;
	work->next = works;
	works = work;
	return true;
}

static struct delayed_work *delayed;

bool shim_schedule_delayed(struct delayed_work *work, unsigned long delay)
{
	if (work->waiting)
		return false;
	work->waiting = true;
	work->due = jiffies + delay;
	work->next = delayed;
	delayed = work;
	return true;
}

static void undelay(struct delayed_work **link)
{
	(*link)->waiting = false;
	*link = (*link)->next;
}

static void forget_delay(struct delayed_work *work)
{
	struct delayed_work **link;

	for (link = &delayed; *link && *link != work; link = &(*link)->next)
		;
	if (*link)
		undelay(link);
}

void shim_mod_delayed(struct delayed_work *work, unsigned long delay)
{
	forget_delay(work);
	if (delay)
		shim_schedule_delayed(work, delay);
	else
		shim_schedule(&work->work);
}

void shim_cancel_delayed(struct delayed_work *work)
{
	shim_check_idle();
	forget_delay(work);
}

static void schedule_due(void)
{
	struct delayed_work **link = &delayed, *work;

	while ((work = *link)) {
		if ((long)(jiffies - work->due) < 0) {
			link = &work->next;
			continue;
		}
		undelay(link);
		shim_schedule(&work->work);
	}
}

void shim_work_run(void)
{
	struct work_struct *work;

	shim_check_idle();
	while ((work = works)) {
		works = work->next;
		work->pending = false;
		work->func(work);
		shim_check_idle();
	}
}

void shim_due_run(void)
{
	schedule_due();
	shim_work_run();
}

uint32_t shim_delayed_run(void)
{
	struct delayed_work *work = delayed;
	uint32_t count = 0;

	for (; work; work = work->next, count++)
		work->due = jiffies;
	shim_due_run();
	return count;
}

void shim_settle(void)
{
	while (deferred || works) {
		shim_rcu_run();
		shim_work_run();
	}
}

uint32_t shim_hash(const void *data, size_t size, uint64_t seed)
{
	const unsigned char *bytes = data;
	uint64_t hash = seed ^ 0xcbf29ce484222325ULL;

	while (size--)
		hash = (hash ^ *bytes++) * 0x100000001b3ULL;
	return (hash ^ hash >> 32) & shim_hash_mask;
}

static uint64_t random_state;

void shim_seed(uint64_t seed)
{
	random_state = seed;
}

/* splitmix64 */
uint32_t shim_random(uint32_t below)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

void shim_init(void)
{
	jiffies = 0UL - 20 * SHIM_HZ;
	shim_boottime = 1000000000000ULL;
	shim_hash_mask = UINT32_MAX;
	shim_seed(1);
	shim_fail_nth(0);
	if (!percpu_copies)
		percpu_init();
}

void shim_exit(void)
{
	shim_fail_nth(0);
	shim_check_idle();
	shim_settle();
	if (live)
		shim_bug("%zu allocations are left", live);
}
