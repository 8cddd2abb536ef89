// SPDX-License-Identifier: GPL-2.0
/* Threads by turns; see threads.h. */
#include <pthread.h>
#include <semaphore.h>

#include "threads.h"
#include "world.h"

struct thread {
	void (*function)(void);
	pthread_t pthread;
	sem_t go;
	bool done, left_rcu;
	int points;
	/* while it does not run: */
	struct shim_context context;
	struct task_struct *task;
	bool softirq;
};

int shim_thread;
void (*shim_point_hook)(void);

static struct thread threads[SHIM_THREADS_MAX];
static int thread_count;
static const struct shim_turn *turns;
static int turns_left, turn_points;
static sem_t all_done;

static void save(struct thread *thread)
{
	thread->context = shim_context;
	thread->task = shim_current;
	thread->softirq = shim_softirq;
}

static void switch_to(int next)
{
	struct thread *thread = &threads[next];

	shim_thread = next;
	shim_cpu = next;
	shim_context = thread->context;
	shim_current = thread->task;
	shim_softirq = thread->softirq;
	sem_post(&thread->go);
}

static void give_way(int next)
{
	struct thread *self = &threads[shim_thread];

	if (next == shim_thread)
		return;
	save(self);
	switch_to(next);
	sem_wait(&self->go);
}

/* The next one after @from that is not done; @from itself if there is none. */
static int another(int from)
{
	int i, next;

	for (i = 1; i <= thread_count; i++) {
		next = (from + i) % thread_count;
		if (!threads[next].done)
			return next;
	}
	return from;
}

/* Whose turn it is; when all are over, whoever runs. */
static int whose_turn(void)
{
	while (turns_left) {
		if (!threads[turns->thread].done &&
		    (turns->points < 0 || turn_points < turns->points))
			return turns->thread;
		turns++;
		turns_left--;
		turn_points = 0;
	}
	return threads[shim_thread].done ? another(shim_thread) : shim_thread;
}

static void point(void)
{
	struct thread *self = &threads[shim_thread];

	self->points++;
	turn_points++;
	if (!shim_context.rcu)
		self->left_rcu = true;
	give_way(whose_turn());
}

/* Each in its turn, so that two that wait don't run for ever. */
void shim_thread_waits(void)
{
	static int last;

	last = another(last);
	if (last == shim_thread)
		last = another(last);
	if (last == shim_thread)
		shim_bug("waits for itself");
	give_way(last);
}

static bool some_in_rcu(void)
{
	int i;

	for (i = 0; i < thread_count; i++)
		if (!threads[i].done && !threads[i].left_rcu)
			return true;
	return false;
}

void shim_threads_leave_rcu(void)
{
	int i;

	if (!shim_point_hook)
		return;
	for (i = 0; i < thread_count; i++)
		threads[i].left_rcu = i == shim_thread || !threads[i].context.rcu;
	while (some_in_rcu())
		shim_thread_waits();
}

static void *run(void *arg)
{
	struct thread *self = arg;

	sem_wait(&self->go);
	self->function();
	shim_check_idle();
	self->done = true;
	save(self);
	if (another(shim_thread) == shim_thread)
		sem_post(&all_done);
	else
		switch_to(whose_turn());
	return NULL;
}

void shim_threads_run(void (*const *functions)(void), int count,
		      const struct shim_turn *first, int turn_count)
{
	struct task_struct *task = shim_current;
	int i, cpu = shim_cpu;

	turns = first;
	turns_left = turn_count;
	turn_points = 0;
	thread_count = count;
	sem_init(&all_done, 0, 0);
	for (i = 0; i < count; i++) {
		threads[i] = (struct thread) {
			.function = functions[i], .task = task,
		};
		sem_init(&threads[i].go, 0, 0);
		pthread_create(&threads[i].pthread, NULL, run, &threads[i]);
	}
	shim_point_hook = point;
	switch_to(whose_turn());
	sem_wait(&all_done);
	shim_point_hook = NULL;
	for (i = 0; i < count; i++)
		pthread_join(threads[i].pthread, NULL);
	shim_thread = 0;
	shim_cpu = cpu;
	shim_current = task;
	shim_check_idle();
}

int shim_thread_points(int thread)
{
	return threads[thread].points;
}
