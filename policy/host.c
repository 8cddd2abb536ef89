/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, byte by byte: no locale, no look-up. */
#include <string.h>
#include "host.h"
#include "rule.h"

#define LABEL_MAX 63
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static const char *label_fault(const char *label, size_t length)
{
	if (!length)
		return "the name of a host has an empty part";
	if (length > LABEL_MAX)
		return "a part of the name of a host is longer than 63 bytes";
	if (strspn(label, LETTERS DIGITS "-_") < length)
		return "the name of a host is letters a to z, digits, '-' and '_' between dots (xn--… for others)";
	if (label[0] == '-' || label[length - 1] == '-')
		return "a part of the name of a host neither begins nor ends with '-'";
	return NULL;
}

const char *sp_host_fault(const char *name)
{
	const char *fault, *label = name;

	if (strlen(name) > SP_RULE_HOST_MAX)
		return "the name of a host is longer than 253 bytes";
	for (;;) {
		size_t length = strcspn(label, ".");

		if ((fault = label_fault(label, length)))
			return fault;
		if (!label[length])
			break;
		label += length + 1;
	}
	if (strspn(label, DIGITS) == strlen(label))
		return "the name of a host does not end in a number";
	return NULL;
}

const char *sp_list_name_fault(const char *name)
{
	size_t length = strlen(name);

	if (!length || length > SP_RULE_LIST_MAX)
		return "the name of a list has 1 to 63 bytes";
	if (strspn(name, LETTERS DIGITS "-_.") < length || strchr("-_.", name[0]))
		return "the name of a list is letters a to z, digits, '-', '_' and '.', a letter or digit first";
	return NULL;
}

void sp_host_lower(char *name)
{
	for (; *name; name++)
		if (*name >= 'A' && *name <= 'Z')
			*name = (char)(*name - 'A' + 'a');
}

bool sp_host_within(const char *name, const char *domain)
{
	size_t length = strlen(name), suffix = strlen(domain);

	if (length < suffix || strcmp(name + length - suffix, domain))
		return false;
	return length == suffix || name[length - suffix - 1] == '.';
}
