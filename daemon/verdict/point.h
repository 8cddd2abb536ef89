/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of an answer by name, for tests that have the daemon die or halt right
 * there. Here nothing happens at them; a test links a sp_point() of its own.
 */
#pragma once

void sp_point(const char *name);
