# Switching between goroutines and g0, starting goroutines, growing stacks, panics' deferred calls.
# On a goroutine's stack r15 is g. Rust preserves rbx, rbp, r12-r15 on an ordinary return.
#
# A goroutine that does not run has at g.sched_sp: r14 r13 r12 rbx rbp, return address.

.macro SWITCH_TO_G0
    mov r11, [r15 + {G_M}]
    mov rsp, [r11 + {M_G0SP}]
.endm

.macro SAVE
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    mov [r15 + {G_SCHED_SP}], rsp
.endm

# gogo(g: rdi) -> !: continues g where it left off; its entry returns g.ret.
.globl gogo
.p2align 5
gogo:
    mov r15, rdi
    mov rsp, [r15 + {G_SCHED_SP}]
    mov rax, [r15 + {G_RET}]
    mov rcx, [r15 + {G_RET} + 8]
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    ret

# gojump(g: rdi, pc: rsi, sp: rdx, fp: rcx) -> !: a landing pad, or a panic's loop again.
.globl gojump
gojump:
    mov r15, rdi
    mov rsp, rdx
    mov rbp, rcx
    jmp rsi

# gohook(g: rdi, fn: rsi, fp: rdx, a0: rcx, a1: r8, a2: r9, a3: [rsp+8]) -> !: calls a Go function that
# does not return, from the frame at g.sched_sp whose frame pointer is fp.
.globl gohook
gohook:
    mov r15, rdi
    mov rax, rsi
    mov r10, [rsp + 8]
    mov rbp, rdx
    mov rsp, [r15 + {G_SCHED_SP}]
    mov rdi, rcx
    mov rsi, r8
    mov rdx, r9
    mov rcx, r10
    call rax
.globl gohook_ret
gohook_ret:
    ud2

# The same for a function that did not call but faulted (sigpanic).
.globl gohook_signal
gohook_signal:
    mov r15, rdi
    mov rax, rsi
    mov rbp, rdx
    mov rsp, [r15 + {G_SCHED_SP}]
    mov rdi, rcx
    call rax
.globl gohook_signal_ret
gohook_signal_ret:
    ud2

# Where a new goroutine begins: rbx is its function value.
.globl gostart
.p2align 4
gostart:
    mov rdi, rbx
    call [rdi]
.globl gostart_ret
gostart_ret:
    SWITCH_TO_G0
    call rt_goexit0
    ud2

# The main goroutine: asks for one function after the other, until there is none.
.globl gomain
.p2align 4
gomain:
    SWITCH_TO_G0
    lea rsp, [rsp - 16]
    mov rdi, r15
    call rt_main_next
    mov rsp, [r15 + {G_SEG}]
    mov rsp, [rsp + {SEG_TOP}]
    xor ebp, ebp
    xor edi, edi
    call rax
.globl gomain_ret
gomain_ret:
    jmp gomain

# ---------------------------------------------------------------- stack growth (abi::layout)

# Called by the cold end of a function's prologue with its frame's size in r11. [rsp] is the address
# behind the call, where a `ret` stands and then a jump to the function's body. May touch rax, r10, r11.
.globl runtime.morestack
.type runtime.morestack, @function
.p2align 5
runtime.morestack:
    cmp byte ptr [r15 + {G_PREEMPT}], 0
    jne morestack_slow
    mov rax, [r15 + {G_SEG}]
    mov r10, [rax + {SEG_NEXT}]
    test r10, r10
    jz morestack_slow
    cmp r11, [r10 + {SEG_ROOM}]
    ja morestack_slow
    mov rax, [r10 + {SEG_GUARD}]
    mov [r10 + {SEG_OLDSP}], rsp
    mov [r15 + {G_SEG}], r10
    mov [r15 + {G_STACKGUARD}], rax
    cmp byte ptr [r15 + {G_PREEMPT}], 0
    jne 2f
1:
    mov rax, [rsp]
    mov rsp, [r10 + {SEG_TOP}]
    add rax, {MORESTACK_RETURN_TO_BODY}
    # Calls the body, so that calls and returns stay paired for the processor's return predictor.
    call rax

# Where a function returns to whose frame is the first of its segment. Results are in every register that
# a call may change but r11.
.globl runtime.lessstack
.type runtime.lessstack, @function
runtime.lessstack:
    mov r11, [r15 + {G_SEG}]
    mov rsp, [r11 + {SEG_OLDSP}]
    mov r11, [r11 + {SEG_PREV}]
    mov [r15 + {G_SEG}], r11
    mov r11, [r11 + {SEG_GUARD}]
    mov [r15 + {G_STACKGUARD}], r11
    cmp byte ptr [r15 + {G_PREEMPT}], 0
    jne 3f
    ret
# Asked to yield meanwhile: the guard just written must not hide it.
2:
    mov qword ptr [r15 + {G_STACKGUARD}], -1
    jmp 1b
3:
    mov qword ptr [r15 + {G_STACKGUARD}], -1
    ret

# No next segment, too small a one, or asked to yield. The arguments are kept on the goroutine's own stack,
# in the room below the guard, since it may go on another time on another thread.
morestack_slow:
    push rbp
    mov rbp, rsp
    push rdi
    push rsi
    push rdx
    push rcx
    push r8
    push r9
    push r11
    push r11
    sub rsp, 128
    movups [rsp], xmm0
    movups [rsp + 16], xmm1
    movups [rsp + 32], xmm2
    movups [rsp + 48], xmm3
    movups [rsp + 64], xmm4
    movups [rsp + 80], xmm5
    movups [rsp + 96], xmm6
    movups [rsp + 112], xmm7
    call morestack_enter
.globl morestack_slow_ret
morestack_slow_ret:
    movups xmm0, [rsp]
    movups xmm1, [rsp + 16]
    movups xmm2, [rsp + 32]
    movups xmm3, [rsp + 48]
    movups xmm4, [rsp + 64]
    movups xmm5, [rsp + 80]
    movups xmm6, [rsp + 96]
    movups xmm7, [rsp + 112]
    add rsp, 128
    pop r11
    pop r11
    pop r9
    pop r8
    pop rcx
    pop rdx
    pop rsi
    pop rdi
    pop rbp
    test eax, eax
    jnz runtime.morestack
    # There was room: the guard was only poisoned.
    mov rax, [rsp]
    add rsp, 8
    add rax, {MORESTACK_RETURN_TO_BODY}
    jmp rax

# -> 1: there is a next segment now; 0: the frame fits here. May park.
morestack_enter:
    mov rsi, r11
    lea rdx, [rbp + 8]
    SAVE
    mov rdi, r15
    SWITCH_TO_G0
    call rt_morestack
    mov rsp, rbp
    pop rbp
    ret

# loopyield(): a loop's safepoint found g.preempt. Changes no register, so that the loop need not save any;
# takes abi::layout::SAFEPOINT_BYTES of the stack.
.globl runtime.loopyield
.type runtime.loopyield, @function
.p2align 4
runtime.loopyield:
    push rbp
    mov rbp, rsp
    push rax
    push rcx
    push rdx
    push rsi
    push rdi
    push r8
    push r9
    push r10
    push r11
    sub rsp, 264
    movups [rsp + 0], xmm0
    movups [rsp + 16], xmm1
    movups [rsp + 32], xmm2
    movups [rsp + 48], xmm3
    movups [rsp + 64], xmm4
    movups [rsp + 80], xmm5
    movups [rsp + 96], xmm6
    movups [rsp + 112], xmm7
    movups [rsp + 128], xmm8
    movups [rsp + 144], xmm9
    movups [rsp + 160], xmm10
    movups [rsp + 176], xmm11
    movups [rsp + 192], xmm12
    movups [rsp + 208], xmm13
    movups [rsp + 224], xmm14
    movups [rsp + 240], xmm15
    call loopyield_enter
    movups xmm0, [rsp + 0]
    movups xmm1, [rsp + 16]
    movups xmm2, [rsp + 32]
    movups xmm3, [rsp + 48]
    movups xmm4, [rsp + 64]
    movups xmm5, [rsp + 80]
    movups xmm6, [rsp + 96]
    movups xmm7, [rsp + 112]
    movups xmm8, [rsp + 128]
    movups xmm9, [rsp + 144]
    movups xmm10, [rsp + 160]
    movups xmm11, [rsp + 176]
    movups xmm12, [rsp + 192]
    movups xmm13, [rsp + 208]
    movups xmm14, [rsp + 224]
    movups xmm15, [rsp + 240]
    add rsp, 264
    pop r11
    pop r10
    pop r9
    pop r8
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rax
    pop rbp
    ret
loopyield_enter:
    SAVE
    SWITCH_TO_G0
    call rt_loopyield
    mov rsp, rbp
    pop rbp
    ret

# ---------------------------------------------------------------- panics (lang::panic)

# gopanic(type: rdi, data: rsi) and goexit(): the panic's record stands in this frame, where the collector
# sees the value, and the deferred calls are made from it.
.globl runtime.gopanic
.type runtime.gopanic, @function
.globl runtime.goexit
.type runtime.goexit, @function
.p2align 4
runtime.goexit:
    xor edi, edi
    xor esi, esi
    mov edx, 1
    jmp 1f
runtime.gopanic:
    xor edx, edx
1:
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    sub rsp, {PANIC_BYTES}
    mov [rsp + {PANIC_TYPE}], rdi
    mov [rsp + {PANIC_DATA}], rsi
    mov [r15 + {G_SCHED_SP}], rsp
    mov rdi, rsp
    mov rsi, rbp
    SWITCH_TO_G0
    call rt_panic_start
    mov rsp, [r15 + {G_SCHED_SP}]
.globl panic_loop
panic_loop:
    mov [r15 + {G_SCHED_SP}], rsp
    mov rdi, rsp
    SWITCH_TO_G0
    call rt_panic_next
    mov rsp, [r15 + {G_SCHED_SP}]
    mov rdi, rax
    call [rdi]
.globl panic_deferred_ret
panic_deferred_ret:
    lea rsp, [rbp - {PANIC_BYTES} - 32]
    jmp panic_loop

# gorecover(frame pointer: rdi) -> interface: never parks, but walks frames from here.
.globl runtime.gorecover
.type runtime.gorecover, @function
.p2align 4
runtime.gorecover:
    SAVE
    mov rsi, rbp
    SWITCH_TO_G0
    call rt_gorecover
    mov rcx, rdx
    mov rsp, rbp
    pop rbp
    ret

# A fault in Go code: the signal handler made it look like a call of this, from the instruction at fault.
.globl sigpanic
.p2align 4
sigpanic:
    push rbp
    mov rbp, rsp
    and rsp, -16
    push rbx
    push r12
    push r13
    push r14
    mov [r15 + {G_SCHED_SP}], rsp
    mov rdi, rbp
    SWITCH_TO_G0
    call rt_sigpanic
    ud2
