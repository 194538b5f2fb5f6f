/* The machine is a Cortex-M4F: start-up, and output through the debugger (semihosting). */
#include "evaluate.h"
#include <stdint.h>

extern uint32_t stack_top, data_source, data_start, data_end, bss_start, bss_end;

void reset(void);

static uint32_t semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void write_text(const char *text)
{
    static uint32_t out = 0U;
    uint32_t length = 0U;
    while (text[length] != '\0') {
        ++length;
    }
    if (out == 0U) {
        const uint32_t open[3] = {(uint32_t)(uintptr_t)":tt", 4U, 3U}; /* standard output: mode "w" */
        out = semihosting(0x01U, open);
    }
    const uint32_t write[3] = {out, (uint32_t)(uintptr_t)text, length};
    (void)semihosting(0x05U, write);
}

static void leave(int failed)
{
    /* SYS_EXIT: ADP_Stopped_ApplicationExit, or another reason, which the emulator takes for a failure. */
    for (;;) {
        (void)semihosting(0x18U, (const void *)(uintptr_t)(failed == 0 ? 0x20026U : 0x20023U));
    }
}

static void fault(void)
{
    write_text("fault\n");
    leave(1);
}

void reset(void)
{
    *(volatile uint32_t *)0xE000ED88U |= 0xFU << 20; /* CPACR: the floating-point unit on */
    __asm__ volatile("dsb\n isb");
    uint32_t *source = &data_source;
    for (uint32_t *word = &data_start; word != &data_end; ++word) {
        *word = *source;
        ++source;
    }
    for (uint32_t *word = &bss_start; word != &bss_end; ++word) {
        *word = 0U;
    }
    leave(evaluate());
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    vector reset, exceptions[14];
} vectors = {&stack_top, reset, {fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault}};
