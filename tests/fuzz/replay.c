/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over the files given: seeds are tests too. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);
	size_t n;

	if (file == NULL || data == NULL) {
		perror(path);
		free(data);
		if (file != NULL)
			(void)fclose(file);
		return 1;
	}
	n = fread(data, 1, 1 << 20, file);
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	return bad;
}
