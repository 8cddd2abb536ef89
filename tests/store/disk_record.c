/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See disk.h: what a process tells the kernel, by ptrace. So it is seen whoever asks
 * for it, SQLite, the C library or we.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "disk.h"

#define INODES 256

struct tracer {
	struct disk_record *record;
	const char *folder;
	pid_t process;
	struct { ino_t inode; unsigned file; } known[INODES];
	size_t known_count;
	/* Of the call under way. */
	uint64_t call, arguments[6];
	bool was_there;
	int outputs;		/* where its standard output goes */
};

static struct disk_step *add(struct tracer *tracer, enum disk_kind kind)
{
	struct disk_record *record = tracer->record;
	struct disk_step *step;

	if (record->count == record->room) {
		record->room = record->room ? 2 * record->room : 1024;
		record->steps = realloc(record->steps, record->room * sizeof(*record->steps));
		ck_assert_ptr_nonnull(record->steps);
	}
	step = &record->steps[record->count++];
	*step = (struct disk_step){ .kind = kind };
	return step;
}

static void peek(const struct tracer *tracer, uint64_t address, void *to, size_t size)
{
	struct iovec here = { to, size }, there = { (void *)(uintptr_t)address, size };

	ck_assert_int_eq(process_vm_readv(tracer->process, &here, 1, &there, 1, 0), (ssize_t)size);
}

/* The last part of a path. */
static void peek_name(const struct tracer *tracer, uint64_t address, char name[DISK_NAME])
{
	char path[PATH_MAX] = "";
	const char *last;

	for (size_t i = 0; i < sizeof(path) - 1; i++) {
		peek(tracer, address + i, &path[i], 1);
		if (!path[i])
			break;
	}
	last = strrchr(path, '/');
	snprintf(name, DISK_NAME, "%.*s", DISK_NAME - 1, last ? last + 1 : path);
}

static bool is_there(const struct tracer *tracer, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", tracer->folder, name);
	return !access(path, F_OK);
}

/* Is the descriptor the folder, or a file in it? */
static bool is_ours(const struct tracer *tracer, uint64_t fd, struct stat *status)
{
	size_t length = strlen(tracer->folder);
	char link[64], path[PATH_MAX];
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", tracer->process, (int)fd);
	got = readlink(link, path, sizeof(path) - 1);
	if (got < 0 || stat(link, status))
		return false;
	path[got] = '\0';
	return !strncmp(path, tracer->folder, length) && (!path[length] || path[length] == '/');
}

static unsigned file_of(struct tracer *tracer, ino_t inode)
{
	for (size_t i = tracer->known_count; i-- > 0;)
		if (tracer->known[i].inode == inode)
			return tracer->known[i].file;
	ck_abort_msg("a file that nobody made");
}

/* A number of an inode may be used again: the newest counts. */
static unsigned new_file(struct tracer *tracer, ino_t inode)
{
	ck_assert_uint_lt(tracer->known_count, INODES);
	tracer->known[tracer->known_count].inode = inode;
	tracer->known[tracer->known_count++].file = tracer->record->files;
	return tracer->record->files++;
}

static void opened(struct tracer *tracer, uint64_t path, uint64_t flags, int64_t fd)
{
	struct disk_step *step;
	struct stat status;

	if (!is_ours(tracer, (uint64_t)fd, &status) || !S_ISREG(status.st_mode))
		return;
	if (flags & O_CREAT && !tracer->was_there) {
		step = add(tracer, DISK_CREATE);
		step->file = new_file(tracer, status.st_ino);
		peek_name(tracer, path, step->name);
	} else if (flags & O_TRUNC) {
		add(tracer, DISK_CUT)->file = file_of(tracer, status.st_ino);
	}
}

static void written(struct tracer *tracer, uint64_t offset, int64_t size)
{
	struct disk_step *step;
	struct stat status;
	bool said = tracer->arguments[0] == STDOUT_FILENO;

	if (!said && !is_ours(tracer, tracer->arguments[0], &status))
		return;
	step = add(tracer, said ? DISK_SAID : DISK_WRITE);
	if (!said)
		step->file = file_of(tracer, status.st_ino);
	step->offset = offset;
	step->size = (size_t)size;
	step->bytes = calloc(1, step->size + 1);
	peek(tracer, tracer->arguments[1], step->bytes, step->size);
}

/* Where a plain write() went to: it is behind it now. */
static uint64_t place_of(const struct tracer *tracer, int64_t size)
{
	char path[64], line[64];
	uint64_t place = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", tracer->process, (int)tracer->arguments[0]);
	file = fopen(path, "r");
	if (file && fgets(line, sizeof(line), file))
		place = strtoull(line + 4, NULL, 10);
	if (file)
		fclose(file);
	return place - (uint64_t)size;
}

static void synced(struct tracer *tracer)
{
	struct stat status;

	if (!is_ours(tracer, tracer->arguments[0], &status))
		return;
	if (S_ISDIR(status.st_mode))
		add(tracer, DISK_SYNC_FOLDER);
	else
		add(tracer, DISK_SYNC)->file = file_of(tracer, status.st_ino);
}

static void cut(struct tracer *tracer)
{
	struct stat status;
	struct disk_step *step;

	if (!is_ours(tracer, tracer->arguments[0], &status))
		return;
	step = add(tracer, DISK_CUT);
	step->file = file_of(tracer, status.st_ino);
	step->offset = tracer->arguments[1];
}

static void renamed(struct tracer *tracer, uint64_t from, uint64_t to)
{
	struct disk_step *step = add(tracer, DISK_RENAME);

	peek_name(tracer, from, step->name);
	peek_name(tracer, to, step->to);
}

static void unlinked(struct tracer *tracer, uint64_t name)
{
	if (tracer->was_there)
		peek_name(tracer, name, add(tracer, DISK_UNLINK)->name);
}

static void refuse(struct tracer *tracer)
{
	struct stat status;

	ck_assert_msg(!is_ours(tracer, tracer->arguments[0], &status),
		      "system call %d is not known here", (int)tracer->call);
}

static void ended(struct tracer *tracer, int64_t result)
{
	const uint64_t *a = tracer->arguments;

	if (result < 0)
		return;
	switch (tracer->call) {
#ifdef SYS_open
	case SYS_open:
		opened(tracer, a[0], a[1], result);
		return;
#endif
	case SYS_openat:
		opened(tracer, a[1], a[2], result);
		return;
	case SYS_write:
		written(tracer, place_of(tracer, result), result);
		return;
	case SYS_pwrite64:
		written(tracer, a[3], result);
		return;
	case SYS_fsync:
	case SYS_fdatasync:
		synced(tracer);
		return;
	case SYS_ftruncate:
		cut(tracer);
		return;
#ifdef SYS_rename
	case SYS_rename:
		renamed(tracer, a[0], a[1]);
		return;
	case SYS_unlink:
		unlinked(tracer, a[0]);
		return;
#endif
	case SYS_renameat2:
#ifdef SYS_renameat
	case SYS_renameat:
#endif
		renamed(tracer, a[1], a[3]);
		return;
	case SYS_unlinkat:
		unlinked(tracer, a[1]);
		return;
	case SYS_writev:
	case SYS_pwritev:
	case SYS_pwritev2:
	case SYS_fallocate:
	case SYS_copy_file_range:
	case SYS_sendfile:
		refuse(tracer);
		return;
	case SYS_linkat:
	case SYS_symlinkat:
	case SYS_mkdirat:
		ck_abort_msg("system call %d is not known here", (int)tracer->call);
	}
}

/* Was the file that is opened or taken away there before? */
static void look_before(struct tracer *tracer)
{
	const uint64_t *a = tracer->arguments;
	char name[DISK_NAME];
	uint64_t path;

	switch (tracer->call) {
	case SYS_openat:
	case SYS_unlinkat:
		path = a[1];
		break;
#ifdef SYS_open
	case SYS_open:
	case SYS_unlink:
		path = a[0];
		break;
#endif
	default:
		return;
	}
	peek_name(tracer, path, name);
	tracer->was_there = is_there(tracer, name);
}

static void on_call(struct tracer *tracer)
{
	struct __ptrace_syscall_info info;

	ck_assert_int_gt(ptrace(PTRACE_GET_SYSCALL_INFO, tracer->process, sizeof(info), &info), 0);
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		tracer->call = info.entry.nr;
		memcpy(tracer->arguments, info.entry.args, sizeof(tracer->arguments));
		look_before(tracer);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		ended(tracer, info.exit.rval);
	}
}

static unsigned lines_said(const struct disk_record *record, size_t from, const char *line)
{
	unsigned count = 0;

	for (size_t i = from; i < record->count; i++)
		count += record->steps[i].kind == DISK_SAID &&
			 !strcmp(record->steps[i].bytes, line);
	return count;
}

static pid_t begin(char *const arguments[])
{
	pid_t process = fork();

	if (process)
		return process;
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	execv(arguments[0], arguments);
	_exit(127);
}

void disk_record(struct disk_record *record, const char *folder, char *const arguments[],
		 const char *line, unsigned times)
{
	struct tracer tracer = { .record = record, .folder = folder };
	unsigned said = 0;
	size_t seen = 0;
	int status;

	*record = (struct disk_record){ 0 };
	tracer.process = begin(arguments);
	ck_assert_int_eq(waitpid(tracer.process, &status, 0), tracer.process);
	ck_assert(WIFSTOPPED(status));
	ptrace(PTRACE_SETOPTIONS, tracer.process, NULL,
	       (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	while (said < times) {
		ptrace(PTRACE_SYSCALL, tracer.process, NULL, NULL);
		ck_assert_int_eq(waitpid(tracer.process, &status, 0), tracer.process);
		ck_assert_msg(WIFSTOPPED(status), "it ended with status %d", status);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			on_call(&tracer);
		said += lines_said(record, seen, line);
		seen = record->count;
	}
	kill(tracer.process, SIGKILL);
	waitpid(tracer.process, &status, 0);
}

void disk_record_clear(struct disk_record *record)
{
	for (size_t i = 0; i < record->count; i++)
		free(record->steps[i].bytes);
	free(record->steps);
}
