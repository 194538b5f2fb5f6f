/* The machine is this computer. */
#include "evaluate.h"
#include <stdio.h>

void write_text(const char *text)
{
    fputs(text, stdout);
}

int main(void)
{
    return evaluate();
}
