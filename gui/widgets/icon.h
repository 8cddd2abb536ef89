/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program's icon. */
#pragma once

#include <gio/gio.h>

/*
 * The icon of the application whose program is exactly the file @path, for
 * programs in /usr; any other gets the plain icon of a program: a file named
 * like an application must not look like it.
 */
GIcon *sp_icon_of(const char *path);
