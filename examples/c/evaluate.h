/* What the program needs of the machine that it runs on. */
#ifndef EVALUATE_H
#define EVALUATE_H

/* Writes text that a NUL ends to standard output. */
void write_text(const char *text);

/* The program; 0 is success. */
int evaluate(void);

#endif
