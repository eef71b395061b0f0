/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name that is no zone is looked for each time: only what exists is kept,
 * so that nobody can fill the table with names that do not.
 */
#include "io/zones.h"

#include <pthread.h>

#include "base/limits.h"
#include "base/map.h"
#include "value/zone.h"

struct zones {
	const char *folder;
	pthread_mutex_t lock; /* of what follows */
	struct arena arena;
	struct map found; /* name to struct kg_slice */
};

struct zones *
zones_open(const char *folder)
{
	struct zones *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->folder = folder;
	if (pthread_mutex_init(&z->lock, NULL) != 0) {
		free(z);
		return NULL;
	}
	arena_init(&z->arena, ZONES_MAX * ZONE_DATA_MAX);
	map_init(&z->found, &z->arena);
	return z;
}

void
zones_close(struct zones *z)
{
	if (z == NULL)
		return;
	arena_release(&z->arena);
	(void)pthread_mutex_destroy(&z->lock);
	free(z);
}

/* The whole file, in the arena; {NULL, 0} when it is no zone. */
static struct kg_slice
read_zone(struct zones *z, struct kg_slice name)
{
	char path[256], data[ZONE_DATA_MAX];
	struct kg_slice text;
	int64_t offset;
	FILE *file;

	(void)snprintf(
	    path, sizeof(path), "%s/%.*s", z->folder, SLICE_ARG(name));
	file = fopen(path, "rb");
	if (file == NULL)
		return slice_of(NULL, 0);
	text = slice_of(data, fread(data, 1, sizeof(data), file));
	(void)fclose(file);
	if (!zone_offset(text, 0, &offset))
		return slice_of(NULL, 0);
	return arena_copy(&z->arena, text);
}

/* Reads it and keeps it; under the lock. */
static struct kg_slice
load(struct zones *z, struct kg_slice name)
{
	struct kg_slice data = slice_of(NULL, 0), *kept;
	void **place;

	if (z->found.count < ZONES_MAX)
		data = read_zone(z, name);
	if (data.ptr == NULL)
		return data;
	kept = arena_alloc(&z->arena, sizeof(*kept));
	place = map_put(&z->found, arena_copy(&z->arena, name));
	if (kept == NULL || place == NULL)
		return slice_of(NULL, 0);
	*kept = data;
	*place = kept;
	return data;
}

struct kg_slice
zones_find(void *zones, struct kg_slice name)
{
	struct kg_slice data;
	const struct kg_slice *kept;
	struct zones *z = zones;

	if (!zone_name_ok(name))
		return slice_of(NULL, 0);
	(void)pthread_mutex_lock(&z->lock);
	kept = map_get(&z->found, name);
	data = kept != NULL ? *kept : load(z, name);
	(void)pthread_mutex_unlock(&z->lock);
	return data;
}

struct cel_host
zones_host(struct zones *zones)
{
	return (struct cel_host){ .zone = zones != NULL ? zones_find : NULL,
		.context = zones };
}

struct zones *
zones_for(struct kg_reviewer *reviewer)
{
	struct zones *z = zones_open(ZONES_FOLDER);

	if (z != NULL)
		kg_reviewer_set_zones(reviewer, zones_find, z);
	return z;
}
