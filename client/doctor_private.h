/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the doctor's checks: where they look and how they tell. */
#pragma once

#include "doctor.h"

struct sp_examination {
	const char *root;
	GVariant *status;	/* NULL: the daemon does not answer */
	const char *problem;
	GPtrArray *findings;
};

/* @what and @advice are taken; @advice NULL where there is nothing to do. */
void sp_doctor_tell(struct sp_examination *on, enum sp_finding_level level,
		    const char *check, char *what, char *advice);

/* What the last one advises, as a line for a shell. */
void sp_doctor_command(struct sp_examination *on, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The path below the root; caller frees. */
char *sp_doctor_path(const struct sp_examination *on, const char *path);
/* Its text without the last newline, at most 4 KiB of it; NULL: not to be read. */
char *sp_doctor_read(const struct sp_examination *on, const char *path);

void sp_doctor_daemon(struct sp_examination *on);
void sp_doctor_module(struct sp_examination *on);
void sp_doctor_queues(struct sp_examination *on);
void sp_doctor_machine(struct sp_examination *on);
