# The loops of math/big over words. Leaves in Go's convention, as those of std.s: z's pointer and length are in
# rdi and rsi, x's pointer in rcx, and what follows in the overflow area at r8. Callers see to it that all
# lengths are z's.

# addVV(z, x, y []Word) (c Word) and subVV: one word at a time until a multiple of four is left. The carry is in
# CF within the loops (dec and lea leave it), in eax as 0 or -1 between them.
.macro BIG_VV name, op
.p2align 5
GO math/big.\name
    mov rdx, [r8 + 2 * 8]
    mov r8, rsi
    shr r8, 2
    xor eax, eax
    and esi, 3
    jz 2f
1:
    mov r9, [rcx]
    \op r9, [rdx]
    mov [rdi], r9
    lea rcx, [rcx + 8]
    lea rdx, [rdx + 8]
    lea rdi, [rdi + 8]
    dec esi
    jnz 1b
    sbb eax, eax
2:
    test r8, r8
    jz 9f
    add eax, eax
.p2align 4
3:
    mov r9, [rcx]
    \op r9, [rdx]
    mov r10, [rcx + 8]
    \op r10, [rdx + 8]
    mov r11, [rcx + 16]
    \op r11, [rdx + 16]
    mov rax, [rcx + 24]
    \op rax, [rdx + 24]
    mov [rdi], r9
    mov [rdi + 8], r10
    mov [rdi + 16], r11
    mov [rdi + 24], rax
    lea rcx, [rcx + 32]
    lea rdx, [rdx + 32]
    lea rdi, [rdi + 32]
    dec r8
    jnz 3b
    sbb eax, eax
9:
    neg eax
    ret
.endm

BIG_VV addVV, adc
BIG_VV subVV, sbb

# lshVU(z, x []Word, s uint) (c Word), 1 <= s < 64: from the last word down, since z may be x, or above it.
.p2align 5
GO math/big.lshVU
    test rsi, rsi
    jz 9f
    mov r9, rcx
    mov ecx, [r8 + 2 * 8]
    mov r8, [r9 + 8 * rsi - 8]
    xor eax, eax
    shld rax, r8, cl
    dec rsi
    jz 2f
    # Two shifts by register and an or are faster than shld where it takes several steps.
    mov r11d, 64
    sub r11d, ecx
.p2align 4
1:
    mov r10, [r9 + 8 * rsi - 8]
    shlx r8, r8, rcx
    shrx rdx, r10, r11
    or r8, rdx
    mov [rdi + 8 * rsi], r8
    mov r8, r10
    dec rsi
    jnz 1b
2:
    shlx r8, r8, rcx
    mov [rdi], r8
    ret
9:
    xor eax, eax
    ret

# rshVU(z, x []Word, s uint) (c Word), 1 <= s < 64: from the first word up, since z may be x, or below it.
.p2align 5
GO math/big.rshVU
    test rsi, rsi
    jz 9f
    mov r9, rcx
    mov ecx, [r8 + 2 * 8]
    mov r8, [r9]
    xor eax, eax
    shrd rax, r8, cl
    # Both pointers to the ends, and the index from below up to 0.
    lea r9, [r9 + 8 * rsi]
    lea rdi, [rdi + 8 * rsi]
    neg rsi
    inc rsi
    jz 2f
    mov r11d, 64
    sub r11d, ecx
.p2align 4
1:
    mov r10, [r9 + 8 * rsi]
    shrx r8, r8, rcx
    shlx rdx, r10, r11
    or r8, rdx
    mov [rdi + 8 * rsi - 8], r8
    mov r8, r10
    inc rsi
    jnz 1b
2:
    shrx r8, r8, rcx
    mov [rdi - 8], r8
    ret
9:
    xor eax, eax
    ret

# mulAddVWW(z, x []Word, m, a Word) (c Word): z = x*m + a. mulx leaves the flags alone.
.p2align 5
GO math/big.mulAddVWW
    mov rdx, [r8 + 2 * 8]
    mov rax, [r8 + 3 * 8]
    mov r8, rsi
    shr r8, 2
    and esi, 3
    jz 2f
1:
    mulx r10, r9, [rcx]
    add r9, rax
    adc r10, 0
    mov [rdi], r9
    mov rax, r10
    add rcx, 8
    add rdi, 8
    dec esi
    jnz 1b
2:
    test r8, r8
    jz 9f
.p2align 4
3:
    mulx r10, r9, [rcx]
    mulx r11, rsi, [rcx + 8]
    add r9, rax
    adc r10, rsi
    mov [rdi], r9
    mov [rdi + 8], r10
    mulx r10, r9, [rcx + 16]
    mulx rax, rsi, [rcx + 24]
    adc r9, r11
    adc r10, rsi
    mov [rdi + 16], r9
    mov [rdi + 24], r10
    adc rax, 0
    add rcx, 32
    add rdi, 32
    dec r8
    jnz 3b
9:
    ret

# addMulVVWW(z, x, y []Word, m, a Word) (c Word): z = x + y*m + a. Of four words first the products and the
# carry make one chain, then x another.
.p2align 5
GO math/big.addMulVVWW
    mov rdx, [r8 + 5 * 8]
    mov rax, [r8 + 6 * 8]
    mov r8, [r8 + 2 * 8]
    test esi, 3
    jz 2f
1:
    mulx r10, r9, [r8]
    add r9, rax
    adc r10, 0
    add r9, [rcx]
    adc r10, 0
    mov [rdi], r9
    mov rax, r10
    add rcx, 8
    add r8, 8
    add rdi, 8
    dec rsi
    test esi, 3
    jnz 1b
2:
    shr rsi, 2
    jz 9f
    vmovq xmm0, rbx
    vmovq xmm1, r12
.p2align 4
3:
    mulx r10, r9, [r8]
    mulx r11, rbx, [r8 + 8]
    add r9, rax
    adc r10, rbx
    mulx rax, rbx, [r8 + 16]
    adc r11, rbx
    mulx rbx, r12, [r8 + 24]
    adc rax, r12
    adc rbx, 0
    add r9, [rcx]
    adc r10, [rcx + 8]
    adc r11, [rcx + 16]
    adc rax, [rcx + 24]
    adc rbx, 0
    mov [rdi], r9
    mov [rdi + 8], r10
    mov [rdi + 16], r11
    mov [rdi + 24], rax
    mov rax, rbx
    add rcx, 32
    add r8, 32
    add rdi, 32
    dec rsi
    jnz 3b
    vmovq rbx, xmm0
    vmovq r12, xmm1
9:
    ret
