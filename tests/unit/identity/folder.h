/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder that stands for the system's root. */
#pragma once

void folder_put(const char *root, const char *name, const char *text);
void folder_remove(const char *path);
