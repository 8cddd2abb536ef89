/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * until YYYY-MM-DDThh:mm:ss[.fraction]Z: when the rule ends, in UTC. The
 * fraction has up to nine digits and is printed where it is not 0. Calendar
 * arithmetic of our own: the C library's depends on the time zone.
 *
 * until reboot | logout | quit: what it ends with; which boot that is says boot
 * ID, which session says session NAME, and which program the fields process and
 * cgroup.
 */
#include <stdio.h>
#include <string.h>
#include "field.h"
#include "text_error.h"

#define SECOND 1000000000LL
#define DAY 86400

struct date {
	int64_t year, month, day, hour, minute, second, fraction;
};

static bool leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

/* Days from 1970-01-01 to the first of January of @year. */
static int64_t year_days(int64_t year)
{
	int64_t before = year - 1;

	return before * 365 + before / 4 - before / 100 + before / 400 - 719162;
}

/* @count digits at *@text, which then points behind them. */
static bool digits(const char **text, size_t count, int64_t *number)
{
	uint64_t value;

	if (strnlen(*text, count) < count || !sp_parse_number(*text, count, INT64_MAX, &value))
		return false;
	*text += count;
	*number = (int64_t)value;
	return true;
}

static bool skip(const char **text, char letter)
{
	if (**text != letter)
		return false;
	++*text;
	return true;
}

static bool read_fraction(const char **text, int64_t *fraction)
{
	size_t count = strspn(*text, "0123456789");

	if (count < 1 || count > 9 || !digits(text, count, fraction))
		return false;
	while (count++ < 9)
		*fraction *= 10;
	return true;
}

static bool read_date(const char *text, struct date *date)
{
	return digits(&text, 4, &date->year) && skip(&text, '-') &&
	       digits(&text, 2, &date->month) && skip(&text, '-') &&
	       digits(&text, 2, &date->day) && skip(&text, 'T') &&
	       digits(&text, 2, &date->hour) && skip(&text, ':') &&
	       digits(&text, 2, &date->minute) && skip(&text, ':') &&
	       digits(&text, 2, &date->second) &&
	       (!skip(&text, '.') || read_fraction(&text, &date->fraction)) &&
	       skip(&text, 'Z') && !*text;
}

static bool date_exists(const struct date *date)
{
	return date->month >= 1 && date->month <= 12 && date->day >= 1 &&
	       date->day <= month_days(date->year, date->month) &&
	       date->hour < 24 && date->minute < 60 && date->second < 60;
}

/* In ns; 0 or less: can't be said as a rule's end. */
static int64_t date_time(const struct date *date)
{
	int64_t days = year_days(date->year) + date->day - 1, seconds, time;

	for (int64_t month = 1; month < date->month; month++)
		days += month_days(date->year, month);
	seconds = days * DAY + date->hour * 3600 + date->minute * 60 + date->second;
	if (__builtin_mul_overflow(seconds, SECOND, &time) ||
	    __builtin_add_overflow(time, date->fraction, &time))
		return 0;
	return time;
}

static const char *const bounds[] = {
	[SP_BOUND_BOOT] = "reboot",
	[SP_BOUND_SESSION] = "logout",
	[SP_BOUND_PROGRAM] = "quit",
};

static bool parse_until(const struct sp_field *field, const char *value,
			const struct sp_parse *parse, struct sp_rule *rule)
{
	struct date date = { 0 };
	char shown[SP_SHOWN];

	for (int bound = SP_BOUND_BOOT; bound <= SP_BOUND_PROGRAM; bound++)
		if (!strcmp(value, bounds[bound])) {
			rule->bound = (enum sp_bound)bound;
			return true;
		}
	if (!read_date(value, &date))
		return sp_parse_fail(parse, "\"%s\" is no end; expected a time such as 2030-01-31T18:30:00Z, in UTC, or \"reboot\", \"logout\" or \"quit\"",
				     sp_text_shown(value, shown));
	if (!date_exists(&date))
		return sp_parse_fail(parse, "there is no day or hour %s",
				     sp_text_shown(value, shown));
	rule->expires = date_time(&date);
	if (rule->expires <= 0)
		return sp_parse_fail(parse, "expected a time between 1970 and 2262, not %s",
				     sp_text_shown(value, shown));
	return true;
}

void sp_print_time(int64_t time, char text[SP_TIME_TEXT])
{
	int64_t seconds = time / SECOND, days = seconds / DAY, year = 1970, month = 1;
	char fraction[16] = "";

	seconds %= DAY;
	while (days >= 365 + leap(year))
		days -= 365 + leap(year++);
	while (days >= month_days(year, month))
		days -= month_days(year, month++);
	if (time % SECOND)
		snprintf(fraction, sizeof(fraction), ".%09lld", time % SECOND);
	for (size_t end = strlen(fraction); end && fraction[end - 1] == '0'; end--)
		fraction[end - 1] = '\0';
	snprintf(text, SP_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
		 (int)year, (int)month, (int)days + 1, (int)(seconds / 3600),
		 (int)(seconds / 60 % 60), (int)(seconds % 60), fraction);
}

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !rule->expires && rule->bound == SP_BOUND_NONE;
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	char text[SP_TIME_TEXT];

	if (rule->bound != SP_BOUND_NONE) {
		sp_buffer_string(out, bounds[rule->bound]);
		return;
	}
	sp_print_time(rule->expires, text);
	sp_buffer_string(out, text);
}

static const char *fault(const struct sp_field *field, const struct sp_rule *rule)
{
	if (rule->expires < 0)
		return "the rule ends before 1970";
	switch (rule->bound) {
	case SP_BOUND_NONE:
		return NULL;
	case SP_BOUND_BOOT:
	case SP_BOUND_SESSION:
	case SP_BOUND_PROGRAM:
		break;
	default:
		return "there is no such end";
	}
	if (rule->expires)
		return "a rule has one end";
	if (!rule->boot)
		return "a rule until reboot, logout or quit names the boot (\"boot ID\")";
	if (rule->bound == SP_BOUND_SESSION && !rule->session)
		return "a rule until logout names the session (\"session NAME\")";
	if (rule->bound == SP_BOUND_PROGRAM && !rule->process && !rule->cgroup)
		return "a rule until quit names a process or a cgroup";
	return NULL;
}

#define BOOT_LENGTH 32

/* As /proc/sys/kernel/random/boot_id has it, or without the dashes. */
static bool parse_boot(const struct sp_field *field, const char *value,
		       const struct sp_parse *parse, struct sp_rule *rule)
{
	char id[BOOT_LENGTH + 1], shown[SP_SHOWN];
	size_t length = 0;

	for (const char *from = value; *from && length <= BOOT_LENGTH; from++)
		if (*from != '-')
			id[length++ % (BOOT_LENGTH + 1)] = *from;
	if (length != BOOT_LENGTH)
		return sp_parse_fail(parse, "\"%s\" is no boot id; expected 32 digits 0 to 9 and a to f",
				     sp_text_shown(value, shown));
	id[length] = '\0';
	return sp_parse_string(id, parse, &rule->boot);
}

static const char *boot_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	size_t digits = strspn(rule->boot, "0123456789abcdef");

	if (digits != BOOT_LENGTH || rule->boot[digits])
		return "a boot id is 32 digits 0 to 9 and a to f";
	return rule->bound != SP_BOUND_NONE ? NULL :
	       "\"boot\" is for rules until reboot, logout or quit";
}

static const char *session_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->bound == SP_BOUND_SESSION ? sp_text_field_fault(field, rule) :
	       "\"session\" is for rules until logout";
}

const struct sp_field sp_field_until = {
	.word = { "until", "until" },
	.wants = "a time such as 2030-01-31T18:30:00Z",
	.parse = parse_until,
	.any = any,
	.print = print,
	.fault = fault,
};

const struct sp_field sp_field_session = {
	.word = { "session", "session" },
	.wants = "the name of a session",
	.parse = sp_text_field_parse,
	.any = sp_text_field_any,
	.print = sp_text_field_print,
	.fault = session_fault,
	.text = offsetof(struct sp_rule, session),
};

const struct sp_field sp_field_boot = {
	.word = { "boot", "boot" },
	.wants = "the id of a boot",
	.parse = parse_boot,
	.any = sp_text_field_any,
	.print = sp_text_field_print,
	.fault = boot_fault,
	.text = offsetof(struct sp_rule, boot),
};
