/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cjson.h"

#include <stdlib.h>

static bool failed;

static void *
watched(size_t size)
{
	void *ptr = malloc(size);

	failed = failed || ptr == NULL;
	return ptr;
}

void
cjson_watch(void)
{
	cJSON_Hooks hooks = { watched, free };

	cJSON_InitHooks(&hooks);
}

bool
cjson_failed(void)
{
	return failed;
}

void
cjson_add(cJSON *object, const char *name, cJSON *item)
{
	if (!cJSON_AddItemToObject(object, name, item))
		cJSON_Delete(item);
}

void
cjson_append(cJSON *list, cJSON *item)
{
	if (!cJSON_AddItemToArray(list, item))
		cJSON_Delete(item);
}
