/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fgets() does not say where the line ends that has a NUL in it; getline() has no limit. */
#include "line.h"

size_t sp_line_read(FILE *file, char *line, size_t size)
{
	size_t length = 0;
	int byte = 0;

	while (length + 1 < size && byte != '\n' && (byte = getc_unlocked(file)) != EOF)
		line[length++] = (char)byte;
	line[length] = '\0';
	return length;
}
