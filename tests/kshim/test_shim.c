// SPDX-License-Identifier: GPL-2.0
/* The pretended kernel finds what it is there to find. */
#include <signal.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "support.h"

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static DEFINE_PER_CPU(int, variable) = 5;

START_TEST(lock_twice)
{
	spin_lock_bh(&lock);
	spin_lock_bh(&lock);
}
END_TEST

START_TEST(unlock_twice)
{
	spin_lock_bh(&lock);
	spin_unlock_bh(&lock);
	spin_unlock_bh(&lock);
}
END_TEST

START_TEST(lock_not_initialised)
{
	static spinlock_t never;

	spin_lock_bh(&never);
}
END_TEST

START_TEST(lock_with_softirqs_enabled)
{
	spin_lock(&lock);
}
END_TEST

START_TEST(lock_kept)
{
	spin_lock_bh(&lock);
	shim_exit();
}
END_TEST

START_TEST(mutex_under_spinlock)
{
	spin_lock_bh(&lock);
	mutex_lock(&mutex);
}
END_TEST

START_TEST(mutex_twice)
{
	mutex_lock(&mutex);
	mutex_lock(&mutex);
}
END_TEST

START_TEST(sleep_in_rcu)
{
	rcu_read_lock();
	cond_resched();
}
END_TEST

START_TEST(allocation_sleeps_in_softirq)
{
	local_bh_disable();
	kmalloc(1, GFP_KERNEL);
}
END_TEST

START_TEST(grace_period_in_rcu)
{
	rcu_read_lock();
	shim_rcu_run();
}
END_TEST

struct item {
	struct hlist_node node;
	struct rcu_head rcu;
};

START_TEST(list_without_rcu)
{
	struct hlist_head head = { };
	struct item *item;

	hlist_for_each_entry_rcu(item, &head, node)
		;
}
END_TEST

START_TEST(freed_twice)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	kfree_rcu(item, rcu);
	kfree_rcu(item, rcu);
}
END_TEST

START_TEST(freed_under_readers)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);
	struct hlist_head head = { };

	hlist_add_head_rcu(&item->node, &head);
	hlist_del_rcu(&item->node);
	kfree(item);
}
END_TEST

START_TEST(leak)
{
	kmalloc(1, GFP_KERNEL);
	shim_exit();
}
END_TEST

START_TEST(preemptible_cpu)
{
	(void)*this_cpu_ptr(&variable);
}
END_TEST

START_TEST(dead_reference)
{
	refcount_t refs;

	refcount_set(&refs, 1);
	ck_assert(refcount_dec_and_test(&refs));
	ck_assert(!refcount_inc_not_zero(&refs));
	refcount_inc(&refs);
}
END_TEST

START_TEST(allocations_fail)
{
	void *first, *second, *third;

	shim_fail_nth(2);
	first = kmalloc(1, GFP_ATOMIC);
	ck_assert(first && !shim_failed());
	second = kmalloc(1, GFP_ATOMIC);
	ck_assert(!second && shim_failed());
	third = kmalloc(1, GFP_ATOMIC);
	ck_assert(third && shim_live() == 2);
	kfree(first);
	kfree(second);
	kfree(third);
	shim_exit();
}
END_TEST

START_TEST(processors)
{
	local_bh_disable();
	shim_cpu = 3;
	*this_cpu_ptr(&variable) = 9;
	local_bh_enable();
	this_cpu_inc(variable);
	ck_assert_int_eq(*per_cpu_ptr(&variable, 3), 10);
	ck_assert_int_eq(*per_cpu_ptr(&variable, 0), 5);
}
END_TEST

START_TEST(protected_pages)
{
	int *kept, *other;

	shim_use_pages();
	kept = kzalloc(sizeof(*kept), GFP_KERNEL);
	other = kzalloc(sizeof(*other), GFP_KERNEL);
	shim_protect(kept);
	*kept = 1;
	*other = 1;
}
END_TEST

static int runs;

static void count_run(struct rcu_head *head)
{
	ck_assert(shim_context.bh);
	runs++;
}

static void run_work(struct work_struct *work)
{
	ck_assert(!shim_context.bh);
	runs += 10;
}

START_TEST(deferred)
{
	DECLARE_WORK(work, run_work);
	struct rcu_head head;

	call_rcu(&head, count_run);
	ck_assert(schedule_work(&work));
	ck_assert(!schedule_work(&work));
	ck_assert_int_eq(runs, 0);
	shim_settle();
	ck_assert_int_eq(runs, 11);
}
END_TEST

START_TEST(lists)
{
	struct item items[3], new, *item, *order[4] = { };
	struct hlist_head head = { };
	struct hlist_node *next;
	int n = 0;

	rcu_read_lock();
	hlist_add_head_rcu(&items[0].node, &head);
	hlist_add_before_rcu(&items[1].node, &items[0].node);
	hlist_add_head_rcu(&items[2].node, &head);
	hlist_replace_rcu(&items[1].node, &new.node);
	hlist_for_each_entry_rcu(item, &head, node)
		order[n++] = item;
	ck_assert(order[0] == &items[2] && order[1] == &new &&
		  order[2] == &items[0] && n == 3);
	hlist_for_each_entry_safe(item, next, &head, node)
		hlist_del_rcu(&item->node);
	ck_assert(hlist_empty(&head));
	rcu_read_unlock();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("shim");

	tcase_add_checked_fixture(tcase, shim_init, NULL);
	tcase_add_test_raise_signal(tcase, lock_twice, SIGABRT);
	tcase_add_test_raise_signal(tcase, unlock_twice, SIGABRT);
	tcase_add_test_raise_signal(tcase, lock_not_initialised, SIGABRT);
	tcase_add_test_raise_signal(tcase, lock_with_softirqs_enabled, SIGABRT);
	tcase_add_test_raise_signal(tcase, lock_kept, SIGABRT);
	tcase_add_test_raise_signal(tcase, mutex_under_spinlock, SIGABRT);
	tcase_add_test_raise_signal(tcase, mutex_twice, SIGABRT);
	tcase_add_test_raise_signal(tcase, sleep_in_rcu, SIGABRT);
	tcase_add_test_raise_signal(tcase, allocation_sleeps_in_softirq, SIGABRT);
	tcase_add_test_raise_signal(tcase, grace_period_in_rcu, SIGABRT);
	tcase_add_test_raise_signal(tcase, list_without_rcu, SIGABRT);
	tcase_add_test_raise_signal(tcase, freed_twice, SIGABRT);
	tcase_add_test_raise_signal(tcase, freed_under_readers, SIGABRT);
	tcase_add_test_raise_signal(tcase, leak, SIGABRT);
	tcase_add_test_raise_signal(tcase, preemptible_cpu, SIGABRT);
	tcase_add_test_raise_signal(tcase, dead_reference, SIGABRT);
	tcase_add_test_raise_signal(tcase, protected_pages, SIGSEGV);
	tcase_add_test(tcase, allocations_fail);
	tcase_add_test(tcase, processors);
	tcase_add_test(tcase, deferred);
	tcase_add_test(tcase, lists);
	return support_run(tcase);
}
