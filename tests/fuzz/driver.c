/*
 * driver.c: where there is no libFuzzer: mutates the seeds given as files for some seconds, always
 *the same way.
 *
 *	driver SECONDS FILE...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 65536 };

static uint64_t state = 88172645463325252ULL;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? state % below : 0;
}

static size_t mutate(uint8_t *data, size_t size)
{
	static const char *const words[] = { "\033[2J", "18446744073709551616",
					     "-1",	"\\040",
					     "\n",	" ",
					     ")",	"null",
					     "\"",	"lowerdir=",
					     "max",	"[",
					     "{",	"\xff",
					     "NaN",	"-Infinity",
					     "1e999",	"9223372036854775807",
					     "\xe6\xbc" };

	for (uint64_t n = 1 + draw(8); n > 0; n--) {
		size_t at = (size_t)draw(size + 1);
		const char *word = words[draw(sizeof(words) / sizeof(*words))];
		size_t length = strlen(word), cut = (size_t)draw(16);
		switch (draw(4)) {
		case 0:
			if (at < size)
				data[at] = (uint8_t)draw(256);
			break;
		case 1:
			if (size + length >= LONGEST)
				break;
			memmove(data + at + length, data + at, size - at);
			memcpy(data + at, word, length);
			size += length;
			break;
		case 2:
			cut = cut < size - at ? cut : size - at;
			memmove(data + at, data + at + cut, size - at - cut);
			size -= cut;
			break;
		default:
			size = draw(20) == 0 ? at : size;
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	static uint8_t seed[LONGEST], data[LONGEST];
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 5);
	unsigned long runs = 0;

	while (time(NULL) < end)
		for (int i = 2; i < argc; i++) {
			FILE *file = fopen(argv[i], "rb");
			size_t size = file ? fread(seed, 1, sizeof(seed), file) : 0;
			if (file)
				fclose(file);
			for (int n = 0; n < 200 && time(NULL) < end; n++, runs++) {
				memcpy(data, seed, size);
				LLVMFuzzerTestOneInput(data, n ? mutate(data, size) : size);
			}
		}
	printf("%lu inputs, no fault\n", runs);
	return 0;
}
