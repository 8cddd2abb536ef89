/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that would be taken for another one. Each way ends in executing
 * PROGRAM, or in what it would do, with the arguments that follow.
 *
 *	forge memfd NAME PROGRAM ARG...     from memory, called NAME
 *	forge deleted PROGRAM ARG...        after its file was removed
 *	forge bound TARGET PROGRAM ARG...   PROGRAM mounted over TARGET in another
 *	                                    mount namespace, executed from this one
 *	forge detached FOLDER PATH ARG...   FOLDER/PATH from a mount that is attached
 *	                                    nowhere, so that its path is PATH alone
 *	forge unmounted FOLDER PATH ARG...  the same, the mount taken away again
 *	forge exe TARGET ADDRESS PORT       /proc/self/exe says TARGET (PR_SET_MM_MAP,
 *	                                    in a user namespace); connects
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int prctl(int option, ...);	/* <sys/prctl.h> has a struct of its own for MM_MAP */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);

#define MNT_DETACH	2

extern char **environ;

static void execute(int fd, char **argv)
{
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	err(2, "execveat");
}

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(2, "%s", path);
	close(fd);
}

/* Root of a user namespace of one's own, and of a mount namespace. */
static void become_root(int more)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1", geteuid());
	if (unshare(CLONE_NEWUSER | more))
		err(2, "unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", map);
}

static int from_memory(char **argv)
{
	int from = open_or_die(argv[1]);
	int fd = memfd_create(argv[0], MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(from, &st) || sendfile(fd, from, NULL, st.st_size) != st.st_size)
		err(2, "memfd");
	execute(fd, argv + 1);
	return 2;
}

static int deleted(char **argv)
{
	int fd = open_or_die(argv[0]);

	if (unlink(argv[0]))
		err(2, "%s", argv[0]);
	execute(fd, argv);
	return 2;
}

/* --- a file from mounts that this process does not have ------------------------ */

static void send_fd(int channel, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(channel, &message, 0) != 1)
		err(2, "sendmsg");
}

static int receive_fd(int channel)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message))
		errx(2, "the other process gave no file");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static int mounted_over(const char *target, const char *program)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(program, target, NULL, MS_BIND, NULL))
		err(2, "mount");
	return open(target, O_PATH | O_CLOEXEC);
}

static int in_detached(const char *folder, const char *path)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		err(2, "open_tree");
	return openat(tree, path, O_PATH | O_CLOEXEC);
}

static int in_unmounted(const char *folder, const char *path)
{
	int root, fd;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(folder, "/mnt", NULL, MS_BIND, NULL))
		err(2, "mount");
	root = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(root, path, O_PATH | O_CLOEXEC);
	close(root);
	if (umount2("/mnt", MNT_DETACH))
		err(2, "umount");
	return fd;
}

/* @find runs in namespaces of its own; the file is executed outside of them. */
static int from_elsewhere(int (*find)(const char *, const char *), const char *a,
			  const char *b, char **argv)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) || (child = fork()) < 0)
		err(2, "fork");
	if (!child) {
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		become_root(CLONE_NEWNS);
		fd = find(a, b);
		if (fd < 0)
			err(2, "%s", b);
		send_fd(pair[1], fd);
		pause();	/* its mounts stay until the parent ends */
	}
	close(pair[1]);
	execute(receive_fd(pair[0]), argv);
	return 2;
}

/* --- another /proc/self/exe ---------------------------------------------------- */

struct segment {
	uintptr_t start, end;
	int protection;
};

static int parse_segment(const char *line, const char *self, struct segment *segment)
{
	char flags[5];
	int path;

	if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &segment->start, &segment->end, flags,
		   &path) < 3 || strncmp(line + path, self, strlen(self)))
		return 0;
	segment->protection = (flags[0] == 'r' ? PROT_READ : 0) |
			      (flags[1] == 'w' ? PROT_WRITE : 0) |
			      (flags[2] == 'x' ? PROT_EXEC : 0);
	return 1;
}

/* The same bytes at the same place, of no file. */
static void make_anonymous(const struct segment *segment)
{
	size_t size = segment->end - segment->start;
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		err(2, "mmap");
	memcpy(copy, (void *)segment->start, size);
	if (mprotect(copy, size, segment->protection) ||
	    mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)segment->start) == MAP_FAILED)
		err(2, "mremap");
}

static void leave_own_file(void)
{
	struct segment segments[16];
	char self[4096], line[8192];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t count = 0;

	if (length < 0 || !maps)
		err(2, "/proc/self");
	self[length] = 0;
	while (count < 16 && fgets(line, sizeof(line), maps))
		count += parse_segment(line, self, &segments[count]);
	fclose(maps);
	while (count)
		make_anonymous(&segments[--count]);
}

/* The fields of /proc/self/stat from the 26th on. */
static void read_layout(struct prctl_mm_map *map)
{
	unsigned long long v[52] = { 0 };
	char text[4096], *at;
	int fd = open_or_die("/proc/self/stat");
	ssize_t length = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[length < 0 ? 0 : length] = 0;
	at = strrchr(text, ')') + 4;
	for (int i = 3; i < 52; i++)
		v[i] = strtoull(at, &at, 10);
	*map = (struct prctl_mm_map){
		.start_code = v[25], .end_code = v[26], .start_stack = v[27],
		.start_data = v[44], .end_data = v[45], .start_brk = v[46], .brk = v[46],
		.arg_start = v[47], .arg_end = v[48], .env_start = v[49], .env_end = v[50],
	};
	map->brk = (uintptr_t)sbrk(0);
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &to.sin_addr);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return 0;
	warn("out");
	return 7;
}

static int exe(char **argv)
{
	struct prctl_mm_map map;
	char now[4096] = { 0 };

	become_root(0);
	leave_own_file();
	read_layout(&map);
	map.exe_fd = open_or_die(argv[0]);
	if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0))
		err(2, "PR_SET_MM_MAP");
	if (readlink("/proc/self/exe", now, sizeof(now) - 1) < 0 || strcmp(now, argv[0]))
		errx(2, "/proc/self/exe is still %s", now);
	printf("exe %s\n", now);
	fflush(stdout);
	return connect_to(argv[1], argv[2]);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		errx(2, "usage: see forge.c");
	if (!strcmp(argv[1], "memfd"))
		return from_memory(argv + 2);
	if (!strcmp(argv[1], "deleted"))
		return deleted(argv + 2);
	if (!strcmp(argv[1], "bound"))
		return from_elsewhere(mounted_over, argv[2], argv[3], argv + 3);
	if (!strcmp(argv[1], "detached"))
		return from_elsewhere(in_detached, argv[2], argv[3], argv + 3);
	if (!strcmp(argv[1], "unmounted"))
		return from_elsewhere(in_unmounted, argv[2], argv[3], argv + 3);
	if (!strcmp(argv[1], "exe") && argc == 5)
		return exe(argv + 2);
	errx(2, "usage: see forge.c");
}
