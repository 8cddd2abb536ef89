/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may write to a file, or put another one in its place: its owner and mode, and
 * those of every folder on its path. Access lists are judged by their mask, which is
 * what the mode shows as the group's bits: it may be narrower for each one.
 */
#pragma once

enum sp_writers {
	SP_WRITERS_UNKNOWN,	/* missing, not to be seen, or there is a link in the path */
	SP_WRITERS_ROOT,	/* root alone */
	SP_WRITERS_OTHERS,
};

/* @path: absolute, without links, "." and "..". Waits for the disk. */
enum sp_writers sp_writers_of_file(const char *path);
/* … of its folders only. */
enum sp_writers sp_writers_of_folders(const char *path);
