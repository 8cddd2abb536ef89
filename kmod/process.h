/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Process instances: which image each thread group executes, noted when it
 * does (exec), inherited at fork, forgotten at exit. What /proc says later can
 * be forged; this can't.
 *
 * A record is found by thread group id and verified by start time. If there is
 * none (the table was full, no memory, the probes did not fire), the program is
 * unknown, and is treated as such.
 */
#ifndef _SALLYPORT_PROCESS_H
#define _SALLYPORT_PROCESS_H

#include "image.h"

struct file;
struct task_struct;

struct sp_who {
	struct sp_image *image;	/* a reference; never NULL */
	u64 process;		/* 0: unknown */
	u32 pid;
	u8 flags;		/* SALLYPORT_FLOW_OLDER */
};

/*
 * Arms the probes, then walks what runs already. At most @max processes, a user's a
 * quarter of them; root's are not limited further. Twice as many lives are kept for
 * those that came from them.
 */
int sp_process_init(u32 max);
void sp_process_exit(void);

/*
 * May what happens now be put down to the running program? Not in interrupts
 * and softirqs, for kernel threads or tasks that are exiting, nor for the
 * daemon, in whose context queued packets go on.
 */
bool sp_current_is_program(void);

/*
 * The same where bottom halves are off in any case (at a device's egress): so that
 * what a program makes others send can't be told from what it sends.
 */
bool sp_task_is_program(void);

/* Who runs: sp_task_is_program() must hold. The caller puts who->image. */
void sp_process_current(struct sp_who *who);

/* Of another task, under RCU; false: not known. The caller puts who->image. */
bool sp_process_who(struct task_struct *task, struct sp_who *who);

/*
 * The file that process instance @process executes, as by open(2) with O_PATH, which
 * asks no file system: -ENOENT: it does not run any more; -ESTALE: the file is not
 * what it was when it was executed. Process context.
 */
int sp_process_open(u64 process, struct file **file);
/* Number of what the thread group @tgid (initial PID namespace) is now; 0: not known. */
u64 sp_process_of(pid_t tgid);

u32 sp_process_count(void);
u32 sp_process_max(void);

/* SALLYPORT_DEGRADED_EXEC or 0. */
u32 sp_process_degraded(void);

#endif
