// SPDX-License-Identifier: GPL-2.0
/*
 * The table of processes and their lives, fed by the probes of exec, fork and exit,
 * and by what may write to another process's memory.
 *
 * Keyed by thread group id in the initial PID namespace. Changed under the lock
 * of the bucket, with interrupts off because probes run in any context; read
 * under RCU. Probes may not sleep: what can't be allocated is left out, and
 * the program is unknown then.
 */
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/minmax.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "daemon.h"
#include "image_capture.h"
#include "life.h"
#include "namespace.h"
#include "probe.h"
#include "process.h"
#include "stats.h"
#include "user.h"

#define SP_PROCESS_BITS	12

struct sp_process {
	struct hlist_node node;
	pid_t tgid;
	u64 start;		/* start_boottime of the leader */
	struct sp_life *life;	/* a reference */
	struct sp_user *user;	/* charged for it */
	/*
	 * The file that the process is about to execute, if it is a script: under the
	 * bucket's lock. Its threads may be at it at once, so each is known by its own
	 * description, which is compared and not followed.
	 */
	struct {
		const void *bprm;
		bool is_script;
		struct sp_image *image;		/* a reference; NULL: no room */
	} coming;
	/*
	 * The memory that somebody could write to last; compared, not followed. An
	 * execution has its memory before it is noted.
	 */
	const void *touched;
	struct rcu_head rcu;
};

struct bucket {
	spinlock_t lock;
	struct hlist_head head;
	/*
	 * When somebody could write to a memory last, of a process that may have had no
	 * record to note it in: not noted yet, or no room. In boottime, as starts are.
	 */
	u64 touched;
};

static struct bucket buckets[1 << SP_PROCESS_BITS];
static atomic_t count;
static u32 max_count;
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

static struct sp_process *new_process(struct task_struct *task)
{
	u32 uid = sp_charged_uid(task);
	struct sp_process *process;
	struct sp_user *user;

	if (!sp_inc_below(&count, max_count))
		return NULL;
	user = sp_user_charge(uid, SP_CHARGE_PROCESS, uid ? max_count / 4 : max_count);
	if (IS_ERR(user))
		goto uncount;
	process = kzalloc(sizeof(*process), GFP_ATOMIC);
	if (!process)
		goto uncharge;
	process->tgid = task->tgid;
	process->start = task->group_leader->start_boottime;
	process->user = user;
	return process;
uncharge:
	sp_user_uncharge(user, SP_CHARGE_PROCESS);
uncount:
	atomic_dec(&count);
	return NULL;
}

/* One that no reader can have found, without its life. */
static void discard(struct sp_process *process)
{
	sp_user_uncharge(process->user, SP_CHARGE_PROCESS);
	atomic_dec(&count);
	kfree(process);
}

static void unlink(struct sp_process *process)
{
	hlist_del_rcu(&process->node);
	sp_user_uncharge(process->user, SP_CHARGE_PROCESS);
	atomic_dec(&count);
	sp_life_put(process->life);
	sp_image_put(process->coming.image);
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

/* Whose life is noted, in place of what is known of the task. */
enum noted {
	NOTED_OLDER,		/* it was there before the module: only where nothing is known */
	NOTED_BEGUN,		/* forked or executed: it is so now */
	NOTED_TRACED,		/* the life that is known goes on, if it is still that one */
};

/* Under the bucket's lock. */
static bool is_replaced(const struct sp_process *old, enum noted noted,
			const struct sp_life *before)
{
	if (noted == NOTED_TRACED)
		return old && old->life == before;
	return !old || noted == NOTED_BEGUN;
}

/*
 * What is known of the memory that the task has now, under the bucket's lock: an
 * execution that is noted after somebody could write to it, or before he is, has it.
 * Of one without a record (@old is NULL) nobody knows which memory that was.
 */
static void keep_touched(struct sp_process *process, const struct sp_process *old,
			 const struct task_struct *task)
{
	const void *memory = READ_ONCE(task->mm);

	if (old ? !old->touched || old->touched != memory :
		  process->start > bucket_of(task->tgid)->touched)
		return;
	process->touched = memory;
	process->life->flags |= SALLYPORT_PROCESS_TRACED;
}

/*
 * Takes over the reference to @life (NULL: there was no room). @before: of
 * NOTED_TRACED.
 */
static void note(struct task_struct *task, struct sp_life *life, enum noted noted,
		 const struct sp_life *before)
{
	struct bucket *bucket = bucket_of(task->tgid);
	struct sp_process *process, *old;
	unsigned long flags;
	bool replaced;

	process = life ? new_process(task) : NULL;
	if (!process) {
		sp_stat(SALLYPORT_STAT_PROCESS_FULL);
		sp_life_put(life);
		if (noted != NOTED_OLDER)
			forget(task->tgid);
		return;
	}
	process->life = life;

	spin_lock_irqsave(&bucket->lock, flags);
	old = find(task->tgid);
	replaced = is_replaced(old, noted, before);
	if (replaced) {
		keep_touched(process, old, task);
		if (old)
			unlink(old);
		hlist_add_head_rcu(&process->node, &bucket->head);
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	if (!replaced) {
		sp_life_put(life);
		discard(process);
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

/* A reference to what the process is, or NULL: not known. */
static struct sp_life *life_of(pid_t tgid, u64 start)
{
	struct sp_process *process;
	struct sp_life *life = NULL;

	rcu_read_lock();
	process = find(tgid);
	if (process && process->start == start &&
	    refcount_inc_not_zero(&process->life->refs))
		life = process->life;
	rcu_read_unlock();
	return life;
}

/*
 * What an execution comes from. A fork that did nothing but execute another program
 * is left out, unless somebody may know its number.
 */
static struct sp_life *origin_of(struct sp_life *before)
{
	if (before && before->origin && !READ_ONCE(before->seen) &&
	    before->image == before->origin->image)
		return before->origin;
	return before;
}

/* The first of the files that an execution goes through: the others are interpreters. */
static bool is_first_file(const struct linux_binprm *bprm)
{
	return bprm->interp == bprm->filename;
}

/* Takes over the reference to @image. */
static void note_coming(const struct linux_binprm *bprm, bool is_script,
			struct sp_image *image)
{
	struct bucket *bucket = bucket_of(current->tgid);
	struct sp_process *process;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	process = find(current->tgid);
	if (process) {
		swap(process->coming.image, image);
		process->coming.bprm = bprm;
		process->coming.is_script = is_script;
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	sp_image_put(image);
}

static void SP_PROBE_FUNCTION(on_check, regs)
{
	struct linux_binprm *bprm = (void *)sp_probe_argument(regs, 0);
	struct sp_image *image = NULL;
	bool is_script;

	if (!is_first_file(bprm))
		return;
	is_script = bprm->buf[0] == '#' && bprm->buf[1] == '!';
	if (is_script)
		image = sp_image_capture(current, bprm->file, 0);
	note_coming(bprm, is_script, image);
}

static void note_touched(struct task_struct *task)
{
	struct bucket *bucket = bucket_of(task->tgid);
	struct sp_process *process;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	process = find(task->tgid);
	if (process)
		process->touched = READ_ONCE(task->mm);
	bucket->touched = ktime_get_boottime_ns();
	spin_unlock_irqrestore(&bucket->lock, flags);
}

/* The script behind what is executed, with a reference; @flags say if it is not known. */
static struct sp_image *take_script(struct task_struct *task,
				    const struct linux_binprm *bprm, u32 *life_flags)
{
	struct bucket *bucket = bucket_of(task->tgid);
	struct sp_image *image = NULL;
	bool known = false, is_script = true;
	struct sp_process *process;
	unsigned long flags;

	if (is_first_file(bprm))
		return NULL;
	spin_lock_irqsave(&bucket->lock, flags);
	process = find(task->tgid);
	if (process && process->coming.bprm == bprm) {
		known = true;
		is_script = process->coming.is_script;
		swap(image, process->coming.image);
		process->coming.bprm = NULL;
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	if (!known || (is_script && !image))
		*life_flags |= SALLYPORT_PROCESS_NOSCRIPT;
	return image;
}

/* Are tracers seen? */
static u32 blind = SALLYPORT_PROCESS_BLIND;

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	struct sp_life *before = life_of(task->tgid, task->group_leader->start_boottime);
	struct sp_image *image = task_image(task), *script;
	struct sp_life *life = NULL;
	u32 flags = READ_ONCE(blind);

	if (!before)
		flags |= SALLYPORT_PROCESS_CUT;
	if (bprm->secureexec)
		flags |= SALLYPORT_PROCESS_SECURE;
	if (task->ptrace)
		flags |= SALLYPORT_PROCESS_TRACED;
	script = take_script(task, bprm, &flags);
	if (image)
		life = sp_life_new(task, origin_of(before), image, script, flags);
	else
		sp_image_put(script);
	note(task, life, NOTED_BEGUN, NULL);
	sp_life_put(before);
}

/* The image and flags of the program that @tgid runs; false: not known. */
static bool look_up(pid_t tgid, u64 start, struct sp_who *who)
{
	struct sp_life *life = life_of(tgid, start);

	if (!life)
		return false;
	WRITE_ONCE(life->seen, true);
	who->image = sp_image_get(life->image);
	who->process = life->id;
	who->flags = life->flags & SALLYPORT_PROCESS_OLDER ? SALLYPORT_FLOW_OLDER : 0;
	sp_life_put(life);
	return true;
}

/* The same program goes on, in another life. */
static void go_on(struct task_struct *task, struct sp_life *before, u32 flags,
		  enum noted noted)
{
	if (before->script)
		sp_image_get(before->script);
	note(task, sp_life_new(task, before, sp_image_get(before->image), before->script,
			       (before->flags & ~SALLYPORT_PROCESS_CUT) | flags),
	     noted, before);
}

static void on_fork(void *data, struct task_struct *parent,
		    struct task_struct *child)
{
	struct sp_life *before;

	if (child->pid != child->tgid || child->flags & PF_KTHREAD)
		return;
	before = life_of(parent->tgid, parent->group_leader->start_boottime);
	if (!before)
		return;
	go_on(child, before, child->ptrace ? SALLYPORT_PROCESS_TRACED : 0, NOTED_BEGUN);
	sp_life_put(before);
}

/*
 * Somebody may write to its memory from now on: what it does need not be what its
 * program does. It has another number then, so that no answer for the old one holds.
 * The memory is noted first: an execution that is noted meanwhile sees it, and is not
 * replaced by what was before.
 */
static void note_traced(struct task_struct *task)
{
	struct sp_life *before;

	note_touched(task);
	before = life_of(task->tgid, task->group_leader->start_boottime);
	if (before && !(before->flags & SALLYPORT_PROCESS_TRACED)) {
		go_on(task, before, SALLYPORT_PROCESS_TRACED, NOTED_TRACED);
		if (!atomic_read(&task->signal->live))
			forget(task->tgid);	/* its exit was seen before */
	}
	sp_life_put(before);
}

/* ptrace, /proc/PID/mem, process_vm_writev. */
static void SP_PROBE_FUNCTION(on_access, regs)
{
	struct task_struct *task = (void *)sp_probe_argument(regs, 0);
	unsigned int mode = sp_probe_argument(regs, 1);

	if (mode & PTRACE_MODE_ATTACH)
		note_traced(task);
}

static void SP_PROBE_FUNCTION(on_traceme, regs)
{
	note_traced(current);
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

static struct sp_probe script_probes[] = {
	{ .symbol = "security_bprm_check", .ops.func = on_check },
};

static struct sp_probe trace_probes[] = {
	{ .symbol = "security_ptrace_access_check", .ops.func = on_access },
	{ .symbol = "security_ptrace_traceme", .ops.func = on_traceme },
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

bool sp_process_who(struct task_struct *task, struct sp_who *who)
{
	who->pid = task->tgid;
	return look_up(task->tgid, task->group_leader->start_boottime, who);
}

void sp_process_current(struct sp_who *who)
{
	if (sp_process_who(current, who))
		return;
	who->image = sp_image_get(sp_image_unknown);
	who->process = 0;
	who->flags = 0;
}

/* Whom it belongs to now, which need not be who started it. */
static struct sp_life *older_origin(struct task_struct *task)
{
	struct task_struct *parent = rcu_dereference(task->real_parent);

	return parent ? life_of(parent->tgid, parent->group_leader->start_boottime) : NULL;
}

/* The first process came from nowhere; of others it is not known. */
static void note_older(struct task_struct *task, struct sp_image *image)
{
	struct sp_life *origin = older_origin(task);
	u32 flags = SALLYPORT_PROCESS_OLDER | SALLYPORT_PROCESS_BLIND |
		    SALLYPORT_PROCESS_NOSCRIPT;

	if (task->tgid != 1)
		flags |= SALLYPORT_PROCESS_CUT;
	note(task, sp_life_new(task, origin, image, NULL, flags), NOTED_OLDER,
	     NULL);
	sp_life_put(origin);
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
		note_older(task, image);
		if (!atomic_read(&task->signal->live))
			forget(task->tgid);	/* its exit was seen before */
	}
	rcu_read_unlock();
}

/* A reference to the task that has this life, or NULL. */
static struct task_struct *task_of(const struct sp_life *life)
{
	struct task_struct *task;
	struct sp_life *now;

	rcu_read_lock();
	task = pid_task(find_pid_ns(life->pid, &init_pid_ns), PIDTYPE_TGID);
	now = task ? life_of(task->tgid, task->start_boottime) : NULL;
	if (now == life)
		get_task_struct(task);
	else
		task = NULL;
	rcu_read_unlock();
	sp_life_put(now);
	return task;
}

/* A reference to what the task executes now, or NULL. */
static struct file *executed_by(struct task_struct *task)
{
	struct file *file = NULL;

	task_lock(task);
	rcu_read_lock();
	if (task->mm)
		file = sp_mm_exe_file(task->mm);
	rcu_read_unlock();
	task_unlock(task);
	return file;
}

static int open_executed(const struct sp_life *life, struct file **file)
{
	struct task_struct *task = task_of(life);
	struct file *executed = task ? executed_by(task) : NULL;
	int error = 0;

	if (task)
		put_task_struct(task);
	if (!executed)
		return -ENOENT;
	*file = ERR_PTR(-ESTALE);
	if (sp_image_is_file(life->image, executed))
		*file = dentry_open(&executed->f_path, O_PATH | O_LARGEFILE, current_cred());
	if (IS_ERR(*file))
		error = PTR_ERR(*file);
	fput(executed);
	return error;
}

int sp_process_open(u64 process, struct file **file)
{
	struct sp_life *life = sp_life_get(process);
	int error = life ? open_executed(life, file) : -ENOENT;

	sp_life_put(life);
	return error;
}

u64 sp_process_of(pid_t tgid)
{
	struct task_struct *task;
	struct sp_who who;
	u64 start = 0;

	rcu_read_lock();
	task = pid_task(find_pid_ns(tgid, &init_pid_ns), PIDTYPE_TGID);
	if (task)
		start = task->group_leader->start_boottime;
	rcu_read_unlock();
	if (!start || !look_up(tgid, start, &who))
		return 0;
	sp_image_put(who.image);
	return who.process;
}

u32 sp_process_count(void)
{
	return atomic_read(&count);
}

u32 sp_process_max(void)
{
	return max_count;
}

u32 sp_process_degraded(void)
{
	return degraded;
}

int sp_process_init(u32 max)
{
	u32 i;

	max_count = max;
	sp_lives_init(2 * max);
	for (i = 0; i < ARRAY_SIZE(buckets); i++)
		spin_lock_init(&buckets[i].lock);
	if (!sp_probes_arm(probes, ARRAY_SIZE(probes)))
		degraded = 0;
	sp_probes_arm(script_probes, ARRAY_SIZE(script_probes));
	if (!sp_probes_arm(trace_probes, ARRAY_SIZE(trace_probes)))
		WRITE_ONCE(blind, 0);
	walk_older();
	return 0;
}

void sp_process_exit(void)
{
	struct sp_process *process;
	struct hlist_node *next;
	u32 i;

	sp_probes_disarm(trace_probes, ARRAY_SIZE(trace_probes));
	sp_probes_disarm(script_probes, ARRAY_SIZE(script_probes));
	sp_probes_disarm(probes, ARRAY_SIZE(probes));
	for (i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_irq(&buckets[i].lock);
		hlist_for_each_entry_safe(process, next, &buckets[i].head, node)
			unlink(process);
		spin_unlock_irq(&buckets[i].lock);
	}
}
