/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a file, into the caller's room. Inside policy/ only. */
#pragma once

#include <stdio.h>

/*
 * The next line, with its newline, or as much of it as fits; ends in a NUL. Returns how
 * many bytes that is, where strlen() is less if there is a NUL in it; 0: the end.
 */
size_t sp_line_read(FILE *file, char *line, size_t size);
