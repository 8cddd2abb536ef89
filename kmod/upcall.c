// SPDX-License-Identifier: GPL-2.0
/*
 * A file of the daemon's: reading it gives the flows that began to wait, writing takes an
 * answer. It is in procfs, which waits for calls that are under way when it is removed, and
 * lets a module go whose file is open.
 *
 * Which flows are to be told of is a ring of their ids: what became of one meanwhile is
 * seen when it is looked up.
 */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "answer.h"
#include "daemon.h"
#include "image.h"
#include "pending.h"
#include "upcall.h"

#define SP_UPCALL_RING	2048	/* flows, those that are gone among them */
#define SP_UPCALL_READ	(1024 * 1024)	/* bytes, at most: more is never there */
#define SP_UPCALL_FEW	16	/* flows of an answer, mostly */

/* Who runs when a flow begins is who it is about, or close to it. */
struct told {
	u64 pending;
	char comm[TASK_COMM_LEN];	/* empty: no task did */
};

static DEFINE_SPINLOCK(ring_lock);
static struct told *ring;
static u32 ring_first, ring_count;

static DEFINE_MUTEX(telling);
static struct sallyport_tag *room;	/* under @telling: one with the longest path */
static struct proc_dir_entry *entry;

/* --- which flows wait --------------------------------------------------------------- */

void sp_upcall_begin(void)
{
	spin_lock_bh(&ring_lock);
	ring_count = 0;
	spin_unlock_bh(&ring_lock);
}

static void add(u64 pending)
{
	struct told *told = &ring[(ring_first + ring_count++) % SP_UPCALL_RING];

	told->pending = pending;
	if (in_task())
		memcpy(told->comm, current->comm, sizeof(told->comm));
	else
		memset(told->comm, 0, sizeof(told->comm));
}

int sp_upcall_tell(u64 pending)
{
	bool fits;

	spin_lock_bh(&ring_lock);
	fits = ring_count < SP_UPCALL_RING;
	if (fits)
		add(pending);
	spin_unlock_bh(&ring_lock);
	return fits ? 0 : -ENOBUFS;
}

static bool take(struct told *told)
{
	bool taken;

	spin_lock_bh(&ring_lock);
	taken = ring_count > 0;
	if (taken) {
		*told = ring[ring_first];
		ring_first = (ring_first + 1) % SP_UPCALL_RING;
		ring_count--;
	}
	spin_unlock_bh(&ring_lock);
	return taken;
}

static void describe(const struct sp_pending *pending, const struct told *told,
		     struct sallyport_tag *tag)
{
	const struct sp_image *image = pending->desc.image;
	char *path = (char *)(tag + 1);
	u32 used = sizeof(*tag) + image->path_length;

	tag->size = ALIGN(used, SALLYPORT_TAG_ALIGN);
	tag->path_length = image->path_length;
	memcpy(tag->comm, told->comm, sizeof(tag->comm));
	sp_pending_tag(pending, &tag->pending);
	tag->image = image->info;
	memcpy(path, image->path, image->path_length);
	memset((char *)tag + used, 0, tag->size - used);
}

/* False: it does not wait any more. */
static bool find_and_describe(const struct told *told)
{
	const struct sp_pending *pending;

	rcu_read_lock();
	pending = sp_pending_by_id(told->pending);
	if (pending)
		describe(pending, told, room);
	rcu_read_unlock();
	return pending;
}

static int put_tags(char __user *to, u32 size, u32 *used)
{
	struct told told;

	*used = 0;
	while (size - *used >= SALLYPORT_TAG_MAX && take(&told)) {
		if (!find_and_describe(&told))
			continue;
		if (copy_to_user(to + *used, room, room->size))
			return -EFAULT;
		*used += room->size;
	}
	return 0;
}

/* --- the file ---------------------------------------------------------------------------- */

/* Whoever opened it. */
static bool is_daemon(void)
{
	return sp_daemon_present() && sp_daemon_is_current();
}

static ssize_t read_tags(struct file *file, char __user *to, size_t size, loff_t *at)
{
	int error;
	u32 used;

	if (!is_daemon())
		return -EPERM;
	if (size < SALLYPORT_TAG_MAX)
		return -EINVAL;
	mutex_lock(&telling);
	error = put_tags(to, min_t(size_t, size, SP_UPCALL_READ), &used);
	mutex_unlock(&telling);
	return error ?: used;
}

static int take_answer(const struct sallyport_answer *answer, const char __user *from,
		       u32 count)
{
	u64 few[SP_UPCALL_FEW], *ids = few;
	int error = -EFAULT;

	if (count > SP_UPCALL_FEW)
		ids = kvmalloc_array(count, sizeof(*ids), GFP_KERNEL);
	if (!ids)
		return -ENOMEM;
	if (!copy_from_user(ids, from, count * sizeof(*ids)))
		error = sp_answer(answer, ids, count);
	if (ids != few)
		kvfree(ids);
	return error;
}

static ssize_t write_answer(struct file *file, const char __user *from, size_t size,
			    loff_t *at)
{
	struct sallyport_answer answer;
	size_t rest;
	int error;

	if (!is_daemon())
		return -EPERM;
	if (size < sizeof(answer))
		return -EINVAL;
	rest = size - sizeof(answer);
	if (rest % sizeof(u64) || rest / sizeof(u64) > SALLYPORT_ANSWER_FLOWS)
		return -EINVAL;
	if (copy_from_user(&answer, from, sizeof(answer)))
		return -EFAULT;
	error = take_answer(&answer, from + sizeof(answer), rest / sizeof(u64));
	return error ?: size;
}

static const struct proc_ops operations = {
	.proc_read = read_tags,
	.proc_write = write_answer,
	.proc_lseek = noop_llseek,
};

static void free_room(void)
{
	kvfree(ring);
	kfree(room);
}

int sp_upcall_init(void)
{
	ring = kvmalloc_array(SP_UPCALL_RING, sizeof(*ring), GFP_KERNEL);
	room = kmalloc(SALLYPORT_TAG_MAX, GFP_KERNEL);
	if (ring && room)
		entry = proc_create(SALLYPORT_PROC_NAME, 0600, NULL, &operations);
	if (entry)
		return 0;
	free_room();
	return -ENOMEM;
}

void sp_upcall_exit(void)
{
	proc_remove(entry);
	entry = NULL;
	free_room();
}
