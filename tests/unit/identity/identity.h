/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <check.h>

Suite *suite_cgroup(void);
Suite *suite_packages(void);
Suite *suite_rpm(void);
Suite *suite_workers(void);
