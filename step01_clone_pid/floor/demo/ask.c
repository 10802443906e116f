/*
 * ask.c: --predict: the question before the experiment, and its answer after.
 */
#define _GNU_SOURCE
#include "ask.h"
#include "page.h"

#include <stdio.h>
#include <unistd.h>

/* A break has another claim: the question's answer would be wrong. */
bool predicting(const struct scene *scene)
{
	return manner.predict && !manner.quiet && scene->ask && !manner.broken;
}

static int choices_of(const struct scene *scene)
{
	int count = 0;

	while (count < 4 && scene->choices[count])
		count++;
	return count;
}

static void tell_question(const struct scene *scene)
{
	char letter[] = "   a)";

	say_reason("PREDICT", "bold", scene->ask);
	for (int place = 0; place < choices_of(scene); place++, letter[3]++)
		say_reason(letter, "", scene->choices[place]);
}

static void ask_for_letter(const void *about)
{
	emit_now("\r your answer, a to %c (%sq: quit): ", 'a' + choices_of(about) - 1,
		 page_is_narrow(48) ? "" : "Page Up: back  ");
}

/* One who sits at the keyboard types a letter. Returns it, 0 where nobody is there to answer. */
static int read_letter(const struct scene *scene, enum key *go)
{
	int key;

	if (!isatty(0))
		return 0;
	do
		key = read_key(ask_for_letter, scene);
	while (key && key != 'q' && key != TYPED_BACK &&
	       (key < 'a' || key >= 'a' + choices_of(scene)));
	emit("%c\n", key && key < TYPED_ON ? key : '-');
	*go = key == 'q' ? KEY_QUIT : key == TYPED_BACK ? KEY_BACK : KEY_ON;
	return key;
}

int ask(const struct scene *scene, enum key *go)
{
	int key;

	tell_question(scene);
	if (manner.pause) { /* the room has spoken */
		*go = wait_key("reveal");
		return -1;
	}
	key = read_letter(scene, go);
	return *go == KEY_ON && key >= 'a' ? key - 'a' : -1;
}

void reveal(const struct scene *scene, int answer)
{
	char text[256];

	if (!predicting(scene) || outcome->verdict != SCENE_HELD)
		return;
	snprintf(text, sizeof(text), "%c) %s%s", 'a' + scene->answer, scene->choices[scene->answer],
		 answer < 0		   ? ""
		 : answer == scene->answer ? "   - as you said"
					   : "   - not what you said");
	/* On a small terminal the question has made room for its answer. */
	if (page_is_full())
		say_reason("PREDICT", "bold", scene->ask);
	say_reason("ANSWER", "", text);
}
