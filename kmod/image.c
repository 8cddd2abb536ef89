// SPDX-License-Identifier: GPL-2.0
/*
 * The table of images: executed files, numbered.
 *
 * Found by what the file was (key fields and path) while a process is noted,
 * and by number when netlink asks. All changes and look-ups by key happen
 * under one lock: executions are rare beside packets, and no packet takes it
 * unless the last reference to an image goes with it. Look-ups by number are
 * under RCU.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/jhash.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "image.h"
#include "image_capture.h"
#include "stats.h"
#include "user.h"

#define SP_IMAGE_BITS	10

#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

static struct hlist_head by_key[1 << SP_IMAGE_BITS];
static struct hlist_head by_id[1 << SP_IMAGE_BITS];
static DEFINE_SPINLOCK(lock);	/* both hashes, count, next_id */
static u32 count;
static u32 max_count;
static u64 next_id = SALLYPORT_IMAGE_FIRST;
static u32 seed;

struct sp_image *sp_image_unknown;
struct sp_image *sp_image_kernel;

static struct hlist_head *id_bucket(u64 id)
{
	return &by_id[id & ((1 << SP_IMAGE_BITS) - 1)];
}

static struct hlist_head *key_bucket(u32 hash)
{
	return &by_key[hash >> (32 - SP_IMAGE_BITS)];
}

static u32 hash_key(const struct sallyport_image *info, const char *path,
		    u16 length)
{
	u32 hash = jhash(path, length, seed);

	hash = jhash_3words(info->ino, info->ino >> 32, info->dev, hash);
	return jhash_3words(info->ctime, info->ctime >> 32,
			    info->generation ^ info->flags, hash);
}

static bool same_key(const struct sp_image *image,
		     const struct sallyport_image *info, const char *path,
		     u16 length)
{
	const struct sallyport_image *have = &image->info;

	return have->ino == info->ino && have->dev == info->dev &&
	       have->ctime == info->ctime && have->flags == info->flags &&
	       have->generation == info->generation &&
	       image->path_length == length && !memcmp(image->path, path, length);
}

static struct sp_image *find_key(const struct sallyport_image *info, u32 hash,
				 const char *path, u16 length)
{
	struct sp_image *image;

	lockdep_assert_held(&lock);
	hlist_for_each_entry(image, key_bucket(hash), node)
		if (image->hash == hash && same_key(image, info, path, length) &&
		    refcount_inc_not_zero(&image->refs))
			return image;
	return NULL;
}

/* A private image is the only one of its kind, however often it is executed. */
static bool is_shared(const struct sallyport_image *info)
{
	return !(info->flags & SALLYPORT_IMAGE_PRIVATE);
}

u32 sp_charged_uid(struct task_struct *task)
{
	const struct user_namespace *ns;
	kuid_t uid;

	rcu_read_lock();
	uid = task_cred_xxx(task, uid);
	for (ns = task_cred_xxx(task, user_ns); ns != &init_user_ns; ns = ns->parent)
		uid = ns->owner;
	rcu_read_unlock();
	return sp_uid(uid);
}

static struct sp_user *charge(struct task_struct *task)
{
	u32 uid = sp_charged_uid(task);

	return sp_user_charge(uid, SP_CHARGE_IMAGE, uid ? max_count / 4 : max_count);
}

static struct sp_image *new_image(const struct sallyport_image *info, u32 hash,
				  const char *path, u16 length)
{
	struct sp_image *image;

	image = kzalloc(struct_size(image, path, length), GFP_ATOMIC);
	if (!image)
		return NULL;
	refcount_set(&image->refs, 1);
	image->info = *info;
	image->hash = hash;
	image->path_length = length;
	memcpy(image->path, path, length);
	return image;
}

/* With the table's lock held. */
static struct sp_image *add(const struct sallyport_image *info, u32 hash,
			    const char *path, u16 length, struct task_struct *task)
{
	struct sp_user *user = charge(task);
	struct sp_image *image;

	lockdep_assert_held(&lock);
	if (IS_ERR(user))
		return NULL;
	image = new_image(info, hash, path, length);
	if (!image) {
		sp_user_uncharge(user, SP_CHARGE_IMAGE);
		return NULL;
	}
	image->user = user;
	image->info.id = next_id++;
	count++;
	hlist_add_head_rcu(&image->node, key_bucket(hash));
	hlist_add_head_rcu(&image->by_id, id_bucket(image->info.id));
	return image;
}

static struct sp_image *find_or_add(const struct sallyport_image *info,
				    const char *path, u16 length,
				    struct task_struct *task)
{
	u32 hash = hash_key(info, path, length);
	struct sp_image *image = NULL;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	if (is_shared(info))
		image = find_key(info, hash, path, length);
	if (!image && count < max_count)
		image = add(info, hash, path, length, task);
	spin_unlock_irqrestore(&lock, flags);
	if (!image)
		sp_stat(SALLYPORT_STAT_IMAGE_FULL);
	return image;
}

void sp_image_put(struct sp_image *image)
{
	unsigned long flags;
	bool last;

	if (!image || refcount_dec_not_one(&image->refs))
		return;
	spin_lock_irqsave(&lock, flags);
	last = refcount_dec_and_test(&image->refs);
	if (last) {
		hlist_del_rcu(&image->node);
		hlist_del_rcu(&image->by_id);
		count--;
	}
	spin_unlock_irqrestore(&lock, flags);
	if (!last)
		return;
	if (image->user)
		sp_user_uncharge(image->user, SP_CHARGE_IMAGE);
	kfree_rcu(image, rcu);
}

struct sp_image *sp_image_by_id(u64 id)
{
	struct sp_image *image;

	if (id == SALLYPORT_IMAGE_UNKNOWN)
		return sp_image_get(sp_image_unknown);
	if (id == SALLYPORT_IMAGE_KERNEL)
		return sp_image_get(sp_image_kernel);
	rcu_read_lock();
	hlist_for_each_entry_rcu(image, id_bucket(id), by_id)
		if (image->info.id == id && refcount_inc_not_zero(&image->refs))
			break;
	rcu_read_unlock();
	return image;
}

/*
 * Is the file seen by the task where PID 1 would see it under the same path?
 * Mount namespace and root directory must be those of PID 1 (of the initial PID
 * namespace), which are noted when the module is loaded, and the file must be
 * reached from there.
 */
static struct mnt_namespace *first_mounts;
static struct path first_root;

static bool task_sees_foreign(struct task_struct *task, const struct file *file)
{
	bool foreign = true;

	/*
	 * A file of other mounts can be executed from here (by descriptor, by
	 * /proc/PID/root), and its path is then the one that it has there.
	 */
	if (!path_is_under(&file->f_path, &first_root))
		return true;

	if (task->nsproxy && task->fs) {
		sp_fs_lock(task->fs);
		foreign = task->nsproxy->mnt_ns != first_mounts ||
			  !path_equal(&task->fs->root, &first_root);
		sp_fs_unlock(task->fs);
	}
	return foreign;
}

static bool is_private(const struct super_block *sb)
{
	return sb->s_magic == FUSE_SUPER_MAGIC || sb->s_user_ns != &init_user_ns;
}

static void describe_file(const struct file *file, struct sallyport_image *info)
{
	const struct inode *inode = file_inode(file);

	info->ino = inode->i_ino;
	info->dev = new_encode_dev(inode->i_sb->s_dev);
	info->generation = inode->i_generation;
	info->ctime = sp_inode_ctime(inode);
	if (is_private(inode->i_sb))
		info->flags |= SALLYPORT_IMAGE_PRIVATE;
	if (d_unlinked(file->f_path.dentry))
		info->flags |= SALLYPORT_IMAGE_DELETED;
}

bool sp_image_is_file(const struct sp_image *image, const struct file *file)
{
	struct sallyport_image now = { };

	describe_file(file, &now);
	return now.ino == image->info.ino && now.dev == image->info.dev &&
	       now.generation == image->info.generation &&
	       now.ctime == image->info.ctime;
}

/*
 * d_path() shows the path under the running task's root; a task whose root is
 * another has SALLYPORT_IMAGE_FOREIGN, so that nobody takes it for the same
 * path elsewhere.
 */
static const char *describe_path(struct file *file, char *buffer, u16 *length,
				 struct sallyport_image *info)
{
	char *path = d_path(&file->f_path, buffer, SALLYPORT_PATH_MAX + 1);

	if (IS_ERR(path)) {
		info->flags |= SALLYPORT_IMAGE_NOPATH;
		*length = 0;
		return buffer;
	}
	*length = strlen(path);
	return path;
}

struct sp_image *sp_image_capture(struct task_struct *task, struct file *file,
				  u32 flags)
{
	struct sallyport_image info = { .flags = flags };
	struct sp_image *image;
	const char *path;
	char *buffer;
	u16 length;

	buffer = kmalloc(SALLYPORT_PATH_MAX + 1, GFP_ATOMIC);
	if (!buffer) {
		sp_stat(SALLYPORT_STAT_IMAGE_FULL);
		return NULL;
	}
	describe_file(file, &info);
	if (task_sees_foreign(task, file))
		info.flags |= SALLYPORT_IMAGE_FOREIGN;
	if (task_cred_xxx(task, user_ns) != &init_user_ns)
		info.flags |= SALLYPORT_IMAGE_USERNS;
	path = describe_path(file, buffer, &length, &info);
	image = find_or_add(&info, path, length, task);
	kfree(buffer);
	return image;
}

struct sp_image *sp_image_of_file(struct file *file)
{
	struct sallyport_image info = { };
	struct sp_image *image;
	unsigned long flags;
	const char *path;
	char *buffer;
	u16 length;

	buffer = kmalloc(SALLYPORT_PATH_MAX + 1, GFP_KERNEL);
	if (!buffer)
		return ERR_PTR(-ENOMEM);
	describe_file(file, &info);
	if (task_sees_foreign(current, file))
		info.flags |= SALLYPORT_IMAGE_FOREIGN;
	path = describe_path(file, buffer, &length, &info);
	spin_lock_irqsave(&lock, flags);
	image = find_key(&info, hash_key(&info, path, length), path, length);
	spin_unlock_irqrestore(&lock, flags);
	kfree(buffer);
	return image ?: ERR_PTR(-ENOENT);
}

u32 sp_image_count(void)
{
	return READ_ONCE(count);
}

u32 sp_image_max(void)
{
	return max_count;
}

static struct sp_image *stand_in(u64 id, u32 flags)
{
	struct sallyport_image info = { .id = id, .flags = flags };
	struct sp_image *image = new_image(&info, 0, "", 0);

	if (image) {
		INIT_HLIST_NODE(&image->node);
		INIT_HLIST_NODE(&image->by_id);
	}
	return image;
}

static void note_first_root(void)
{
	struct task_struct *first;

	rcu_read_lock();
	first = READ_ONCE(init_pid_ns.child_reaper);
	task_lock(first);
	first_mounts = first->nsproxy ? first->nsproxy->mnt_ns : NULL;
	if (first->fs)
		get_fs_root(first->fs, &first_root);
	task_unlock(first);
	rcu_read_unlock();
}

int sp_image_init(u32 max)
{
	max_count = max;
	seed = get_random_u32();
	sp_image_unknown = stand_in(SALLYPORT_IMAGE_UNKNOWN,
				    SALLYPORT_IMAGE_NOPATH);
	sp_image_kernel = stand_in(SALLYPORT_IMAGE_KERNEL,
				   SALLYPORT_IMAGE_NOPATH);
	if (!sp_image_unknown || !sp_image_kernel) {
		kfree(sp_image_unknown);
		kfree(sp_image_kernel);
		return -ENOMEM;
	}
	note_first_root();
	return 0;
}

void sp_image_exit(void)
{
	WARN_ON(count);
	path_put(&first_root);
	kfree(sp_image_unknown);
	kfree(sp_image_kernel);
}
