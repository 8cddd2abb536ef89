// SPDX-License-Identifier: GPL-2.0
/*
 * The table of process instances, fed by the probes of exec, fork and exit.
 *
 * Keyed by thread group id in the initial PID namespace. Changed under the lock
 * of the bucket, with interrupts off because probes run in any context; read
 * under RCU. Probes may not sleep: what can't be allocated is left out, and
 * the program is unknown then.
 */
#include <linux/binfmts.h>
#include <linux/file.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "compat.h"
#include "daemon.h"
#include "image_capture.h"
#include "namespace.h"
#include "probe.h"
#include "process.h"
#include "stats.h"

#define SP_PROCESS_BITS	12
#define SP_PROCESS_MAX	131072

struct sp_process {
	struct hlist_node node;
	pid_t tgid;
	u8 flags;
	u64 start;		/* start_boottime of the leader */
	u64 id;			/* number of the instance */
	struct sp_image *image;
	struct rcu_head rcu;
};

struct bucket {
	spinlock_t lock;
	struct hlist_head head;
};

static struct bucket buckets[1 << SP_PROCESS_BITS];
static atomic_t count;
static atomic64_t last_id;
static u32 degraded = SALLYPORT_DEGRADED_EXEC;

static struct bucket *bucket_of(pid_t tgid)
{
	return &buckets[hash_32(tgid, SP_PROCESS_BITS)];
}

static struct sp_process *find(pid_t tgid)
{
	struct sp_process *process;

	hlist_for_each_entry_rcu(process, &bucket_of(tgid)->head, node,
				 lockdep_is_held(&bucket_of(tgid)->lock))
		if (process->tgid == tgid)
			return process;
	return NULL;
}

static void unlink(struct sp_process *process)
{
	hlist_del_rcu(&process->node);
	atomic_dec(&count);
	sp_image_put(process->image);
	kfree_rcu(process, rcu);
}

static void forget(pid_t tgid)
{
	struct bucket *bucket = bucket_of(tgid);
	struct sp_process *process;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	process = find(tgid);
	if (process)
		unlink(process);
	spin_unlock_irqrestore(&bucket->lock, flags);
}

/*
 * Takes over the reference to @image. @newer: replaces what was known of the
 * task; else it is left.
 */
static void note(struct task_struct *task, struct sp_image *image, u8 flow_flags,
		 bool newer)
{
	struct bucket *bucket = bucket_of(task->tgid);
	struct sp_process *process, *old;
	unsigned long flags;

	process = kzalloc(sizeof(*process), GFP_ATOMIC);
	if (!process || !image ||
	    !atomic_add_unless(&count, 1, SP_PROCESS_MAX)) {
		kfree(process);
		sp_image_put(image);
		if (newer)
			forget(task->tgid);
		return;
	}
	process->tgid = task->tgid;
	process->start = task->group_leader->start_boottime;
	process->id = atomic64_inc_return(&last_id);
	process->flags = flow_flags;
	process->image = image;

	spin_lock_irqsave(&bucket->lock, flags);
	old = find(task->tgid);
	if (old && newer)
		unlink(old);
	if (!old || newer)
		hlist_add_head_rcu(&process->node, &bucket->head);
	spin_unlock_irqrestore(&bucket->lock, flags);
	if (old && !newer) {
		sp_image_put(image);
		atomic_dec(&count);
		kfree(process);
	}
}

static struct sp_image *task_image(struct task_struct *task)
{
	struct sp_image *image = NULL;
	struct file *file = NULL;

	rcu_read_lock();
	if (task->mm)
		file = sp_mm_exe_file(task->mm);
	rcu_read_unlock();
	if (file) {
		image = sp_image_capture(task, file, 0);
		fput(file);
	}
	return image;
}

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	note(task, task_image(task), 0, true);
}

/* The image and flags of the program that @tgid runs; false: not known. */
static bool look_up(pid_t tgid, u64 start, struct sp_who *who)
{
	struct sp_process *process;
	bool found = false;

	rcu_read_lock();
	process = find(tgid);
	if (process && process->start == start &&
	    refcount_inc_not_zero(&process->image->refs)) {
		who->image = process->image;
		who->process = process->id;
		who->flags = process->flags;
		found = true;
	}
	rcu_read_unlock();
	return found;
}

static void on_fork(void *data, struct task_struct *parent,
		    struct task_struct *child)
{
	struct sp_who who;

	if (child->pid != child->tgid || child->flags & PF_KTHREAD)
		return;
	if (look_up(parent->tgid, parent->group_leader->start_boottime, &who))
		note(child, who.image, who.flags, true);
}

static void SP_PROBE_EXIT(on_exit, task)
{
	if (atomic_read(&task->signal->live))
		return;
	forget(task->tgid);
	sp_namespaces_check_soon();
}

static struct sp_probe probes[] = {
	{ .tracepoint = "sched_process_exec", .function = on_exec },
	{ .tracepoint = "sched_process_fork", .function = on_fork },
	{ .tracepoint = "sched_process_exit", .function = on_exit },
};

bool sp_task_is_program(void)
{
	return in_task() && current->mm &&
	       !(current->flags & (PF_KTHREAD | PF_EXITING)) &&
	       !sp_daemon_is_current();
}

bool sp_current_is_program(void)
{
	return !softirq_count() && sp_task_is_program();
}

void sp_process_current(struct sp_who *who)
{
	who->pid = current->tgid;
	if (look_up(current->tgid, current->group_leader->start_boottime, who))
		return;
	who->image = sp_image_get(sp_image_unknown);
	who->process = 0;
	who->flags = 0;
}

/* Everything that runs already is "older": how it came to be was not seen. */
static void walk_older(void)
{
	struct sp_image *image;
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task) {
		if (task->flags & (PF_KTHREAD | PF_EXITING))
			continue;
		task_lock(task);
		image = task_image(task);
		task_unlock(task);
		if (!image)
			continue;
		note(task, image, SALLYPORT_FLOW_OLDER, false);
		if (!atomic_read(&task->signal->live))
			forget(task->tgid);	/* its exit was seen before */
	}
	rcu_read_unlock();
}

u32 sp_process_count(void)
{
	return atomic_read(&count);
}

u32 sp_process_max(void)
{
	return SP_PROCESS_MAX;
}

u32 sp_process_degraded(void)
{
	return degraded;
}

int sp_process_init(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(buckets); i++)
		spin_lock_init(&buckets[i].lock);
	if (!sp_probes_arm(probes, ARRAY_SIZE(probes)))
		degraded = 0;
	walk_older();
	return 0;
}

void sp_process_exit(void)
{
	struct sp_process *process;
	struct hlist_node *next;
	u32 i;

	sp_probes_disarm(probes, ARRAY_SIZE(probes));
	for (i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_irq(&buckets[i].lock);
		hlist_for_each_entry_safe(process, next, &buckets[i].head, node)
			unlink(process);
		spin_unlock_irq(&buckets[i].lock);
	}
}
