# Digests of std: SHA-256, SHA-1 and the two common CRC-32 by the processor's instructions for them, MD5 and SHA-512.
# Leaves in Go's convention, as those of std.s. Callers have asked internal/cpu for what is beyond x86-64-v3 (SHA,
# PCLMULQDQ), and give 64 KiB at a time at most, as preemption waits for the end.

# ---------------------------------------------------------------- crypto/internal/fips140/sha256

# Four rounds: \m is the message's group \k of words. xmm1 is F E B A, xmm2 is H G D C from the lowest word on;
# two rounds make of them (Intel's manual, SHA256RNDS2) the new first in place of the second, and the old first
# is the new second.
.macro SHA256_ROUNDS m, k
    vpaddd xmm0, \m, [r8 + 16 * (\k)]
    sha256rnds2 xmm2, xmm1
    vpshufd xmm0, xmm0, 0x0e
    sha256rnds2 xmm1, xmm2
.endm

# The group of words after those of \m0 \m1 \m2 \m3, in place of \m0.
.macro SHA256_NEXT m0, m1, m2, m3
    sha256msg1 \m0, \m1
    vpalignr xmm7, \m3, \m2, 4
    vpaddd \m0, \m0, xmm7
    sha256msg2 \m0, \m3
.endm

.macro SHA256_16_ROUNDS k
    SHA256_NEXT xmm3, xmm4, xmm5, xmm6
    SHA256_ROUNDS xmm3, \k
    SHA256_NEXT xmm4, xmm5, xmm6, xmm3
    SHA256_ROUNDS xmm4, \k + 1
    SHA256_NEXT xmm5, xmm6, xmm3, xmm4
    SHA256_ROUNDS xmm5, \k + 2
    SHA256_NEXT xmm6, xmm3, xmm4, xmm5
    SHA256_ROUNDS xmm6, \k + 3
.endm

# blockSHANI(dig *Digest, p []byte): the state h [8]uint32 is dig's first field; whole blocks of p.
.p2align 5
GO crypto/internal/fips140/sha256.blockSHANI
    shr rdx, 6
    jz 9f
    lea r8, [rip + sha256_k]
    vmovdqa xmm10, [rip + sha256_swap]
    # a b c d and e f g h, as the instructions want them.
    vmovdqu xmm3, [rdi]
    vmovdqu xmm4, [rdi + 16]
    vpunpcklqdq xmm1, xmm4, xmm3
    vpunpckhqdq xmm2, xmm4, xmm3
    vpshufd xmm1, xmm1, 0xb1
    vpshufd xmm2, xmm2, 0xb1
1:
    vmovdqa xmm8, xmm1
    vmovdqa xmm9, xmm2
    vmovdqu xmm3, [rsi]
    vpshufb xmm3, xmm3, xmm10
    SHA256_ROUNDS xmm3, 0
    vmovdqu xmm4, [rsi + 16]
    vpshufb xmm4, xmm4, xmm10
    SHA256_ROUNDS xmm4, 1
    vmovdqu xmm5, [rsi + 32]
    vpshufb xmm5, xmm5, xmm10
    SHA256_ROUNDS xmm5, 2
    vmovdqu xmm6, [rsi + 48]
    vpshufb xmm6, xmm6, xmm10
    SHA256_ROUNDS xmm6, 3
    SHA256_16_ROUNDS 4
    SHA256_16_ROUNDS 8
    SHA256_16_ROUNDS 12
    vpaddd xmm1, xmm1, xmm8
    vpaddd xmm2, xmm2, xmm9
    add rsi, 64
    dec rdx
    jnz 1b
    vpshufd xmm1, xmm1, 0xb1
    vpshufd xmm2, xmm2, 0xb1
    vpunpckhqdq xmm3, xmm1, xmm2
    vpunpcklqdq xmm4, xmm1, xmm2
    vmovdqu [rdi], xmm3
    vmovdqu [rdi + 16], xmm4
9:
    ret

.p2align 4
# Bytes of every word the other way round.
sha256_swap:
    .quad 0x0405060700010203, 0x0c0d0e0f08090a0b
# FIPS 180-4, 4.2.2.
sha256_k:
    .long 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
    .long 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
    .long 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
    .long 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
    .long 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
    .long 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
    .long 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
    .long 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2

# ---------------------------------------------------------------- crypto/md5

# One step (RFC 1321, 3.4), but for the function of \b \c \d: \a + the word \i of the message + the constant \k.
.macro MD5_TERM a, i, k
    add \a, [rsi + 4 * (\i)]
    add \a, \k
.endm
# Only \b is of the step before; what can be done without it stands first.
.macro MD5_F a, b, c, d, i, s, k
    MD5_TERM \a, \i, \k
    mov r9d, \c
    xor r9d, \d
    and r9d, \b
    xor r9d, \d
    add \a, r9d
    rol \a, \s
    add \a, \b
.endm
.macro MD5_G a, b, c, d, i, s, k
    MD5_TERM \a, \i, \k
    andn r9d, \d, \c
    add \a, r9d
    mov r10d, \d
    and r10d, \b
    add \a, r10d
    rol \a, \s
    add \a, \b
.endm
.macro MD5_H a, b, c, d, i, s, k
    MD5_TERM \a, \i, \k
    mov r9d, \c
    xor r9d, \d
    xor r9d, \b
    add \a, r9d
    rol \a, \s
    add \a, \b
.endm
.macro MD5_I a, b, c, d, i, s, k
    MD5_TERM \a, \i, \k
    mov r9d, \d
    not r9d
    or r9d, \b
    xor r9d, \c
    add \a, r9d
    rol \a, \s
    add \a, \b
.endm
# Four steps; \n: how far the index of the word goes each time.
.macro MD5_4 f, i, n, s0, s1, s2, s3, k0, k1, k2, k3
    \f eax, ecx, edx, r8d, (\i) & 15, \s0, \k0
    \f r8d, eax, ecx, edx, (\i + \n) & 15, \s1, \k1
    \f edx, r8d, eax, ecx, (\i + 2 * \n) & 15, \s2, \k2
    \f ecx, edx, r8d, eax, (\i + 3 * \n) & 15, \s3, \k3
.endm

# block(dig *digest, p []byte): the state s [4]uint32 is dig's first field; whole blocks of p.
.p2align 5
GO crypto/md5.block
    and rdx, -64
    jz 9f
    lea r11, [rsi + rdx]
    mov eax, [rdi]
    mov ecx, [rdi + 4]
    mov edx, [rdi + 8]
    mov r8d, [rdi + 12]
.p2align 4
1:
    MD5_4 MD5_F, 0, 1, 7, 12, 17, 22, 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee
    MD5_4 MD5_F, 4, 1, 7, 12, 17, 22, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501
    MD5_4 MD5_F, 8, 1, 7, 12, 17, 22, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be
    MD5_4 MD5_F, 12, 1, 7, 12, 17, 22, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821
    MD5_4 MD5_G, 1, 5, 5, 9, 14, 20, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa
    MD5_4 MD5_G, 5, 5, 5, 9, 14, 20, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8
    MD5_4 MD5_G, 9, 5, 5, 9, 14, 20, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed
    MD5_4 MD5_G, 13, 5, 5, 9, 14, 20, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a
    MD5_4 MD5_H, 5, 3, 4, 11, 16, 23, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c
    MD5_4 MD5_H, 1, 3, 4, 11, 16, 23, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70
    MD5_4 MD5_H, 13, 3, 4, 11, 16, 23, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05
    MD5_4 MD5_H, 9, 3, 4, 11, 16, 23, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665
    MD5_4 MD5_I, 0, 7, 6, 10, 15, 21, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039
    MD5_4 MD5_I, 12, 7, 6, 10, 15, 21, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1
    MD5_4 MD5_I, 8, 7, 6, 10, 15, 21, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1
    MD5_4 MD5_I, 4, 7, 6, 10, 15, 21, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391
    add eax, [rdi]
    add ecx, [rdi + 4]
    add edx, [rdi + 8]
    add r8d, [rdi + 12]
    mov [rdi], eax
    mov [rdi + 4], ecx
    mov [rdi + 8], edx
    mov [rdi + 12], r8d
    add rsi, 64
    cmp rsi, r11
    jne 1b
9:
    ret

# ---------------------------------------------------------------- crypto/sha1

# Four rounds of the function \f with the words \m: xmm0 is D C B A from the lowest word on, \e the E of before in its
# highest word, \next where this E's successor comes from.
.macro SHA1_ROUNDS e, next, m, f
    sha1nexte \e, \m
    vmovdqa \next, xmm0
    sha1rnds4 xmm0, \e, \f
.endm

# The group of words after those of \m0 \m1 \m2 \m3, in place of \m0.
.macro SHA1_NEXT m0, m1, m2, m3
    sha1msg1 \m0, \m1
    vpxor \m0, \m0, \m2
    sha1msg2 \m0, \m3
.endm

.macro SHA1_16_ROUNDS f0, f1, f2, f3
    SHA1_NEXT xmm3, xmm4, xmm5, xmm6
    SHA1_ROUNDS xmm1, xmm2, xmm3, \f0
    SHA1_NEXT xmm4, xmm5, xmm6, xmm3
    SHA1_ROUNDS xmm2, xmm1, xmm4, \f1
    SHA1_NEXT xmm5, xmm6, xmm3, xmm4
    SHA1_ROUNDS xmm1, xmm2, xmm5, \f2
    SHA1_NEXT xmm6, xmm3, xmm4, xmm5
    SHA1_ROUNDS xmm2, xmm1, xmm6, \f3
.endm

# blockSHANI(dig *digest, p []byte): the state h [5]uint32 is dig's first field; whole blocks of p.
.p2align 5
GO crypto/sha1.blockSHANI
    shr rdx, 6
    jz 9f
    vmovdqa xmm10, [rip + sha1_swap]
    vpshufd xmm0, [rdi], 0x1b
    vmovd xmm1, dword ptr [rdi + 16]
    vpslldq xmm1, xmm1, 12
1:
    vmovdqa xmm8, xmm0
    vmovdqa xmm9, xmm1
    vmovdqu xmm3, [rsi]
    vpshufb xmm3, xmm3, xmm10
    vpaddd xmm1, xmm1, xmm3
    vmovdqa xmm2, xmm0
    sha1rnds4 xmm0, xmm1, 0
    vmovdqu xmm4, [rsi + 16]
    vpshufb xmm4, xmm4, xmm10
    SHA1_ROUNDS xmm2, xmm1, xmm4, 0
    vmovdqu xmm5, [rsi + 32]
    vpshufb xmm5, xmm5, xmm10
    SHA1_ROUNDS xmm1, xmm2, xmm5, 0
    vmovdqu xmm6, [rsi + 48]
    vpshufb xmm6, xmm6, xmm10
    SHA1_ROUNDS xmm2, xmm1, xmm6, 0
    SHA1_16_ROUNDS 0, 1, 1, 1
    SHA1_16_ROUNDS 1, 1, 2, 2
    SHA1_16_ROUNDS 2, 2, 2, 3
    SHA1_16_ROUNDS 3, 3, 3, 3
    sha1nexte xmm1, xmm9
    vpaddd xmm0, xmm0, xmm8
    add rsi, 64
    dec rdx
    jnz 1b
    vpshufd xmm0, xmm0, 0x1b
    vmovdqu [rdi], xmm0
    vpextrd [rdi + 16], xmm1, 3
9:
    ret

.p2align 4
# All bytes the other way round.
sha1_swap:
    .quad 0x08090a0b0c0d0e0f, 0x0001020304050607

# ---------------------------------------------------------------- crypto/internal/fips140/sha512

# One round (FIPS 180-4, 6.4.2): \wk is the word and its constant, \x the a^b of the round before, which is this one's
# b^c; \y becomes this round's a^b. \h becomes the next a, \d the next e.
.macro SHA512_ROUND a, b, c, d, e, f, g, h, wk, x, y
    add \h, \wk
    rorx \y, \e, 14
    rorx r12, \e, 18
    xor \y, r12
    rorx r12, \e, 41
    xor \y, r12
    andn r12, \e, \g
    add \h, r12
    mov r12, \f
    and r12, \e
    add \h, r12
    add \h, \y
    add \d, \h
    rorx \y, \a, 28
    rorx r12, \a, 34
    xor \y, r12
    rorx r12, \a, 39
    xor \y, r12
    add \h, \y
    mov \y, \a
    xor \y, \b
    and \x, \y
    xor \x, \b
    add \h, \x
.endm

# The two words after the sixteen that begin with \m0, in its place: \m1, \m4 and \m5 are the second, fifth and sixth
# pair of them, \m7 the last.
.macro SHA512_NEXT m0, m1, m4, m5, m7
    vpalignr xmm8, \m1, \m0, 8
    vpalignr xmm9, \m5, \m4, 8
    vpaddq \m0, \m0, xmm9
    vpsrlq xmm9, xmm8, 1
    vpsllq xmm10, xmm8, 63
    vpxor xmm9, xmm9, xmm10
    vpshufb xmm10, xmm8, [rip + sha512_rotate_8]
    vpxor xmm9, xmm9, xmm10
    vpsrlq xmm8, xmm8, 7
    vpxor xmm9, xmm9, xmm8
    vpaddq \m0, \m0, xmm9
    vpsrlq xmm8, \m7, 19
    vpsllq xmm9, \m7, 45
    vpxor xmm8, xmm8, xmm9
    vpsrlq xmm9, \m7, 61
    vpxor xmm8, xmm8, xmm9
    vpsllq xmm9, \m7, 3
    vpxor xmm8, xmm8, xmm9
    vpsrlq xmm9, \m7, 6
    vpxor xmm8, xmm8, xmm9
    vpaddq \m0, \m0, xmm8
.endm

# Pair \i of the words with its constants, below the stack pointer: this is a leaf, and signals have their own stack.
.macro SHA512_SUM i, m
    vpaddq xmm8, \m, [rdi + 16 * (\i)]
    vmovdqu [rsp - 128 + 16 * (\i)], xmm8
.endm

# Two rounds with pair \i; \next makes of it the pair that is needed next in its place.
.macro SHA512_2_ROUNDS i, a, b, c, d, e, f, g, h, next:vararg
    SHA512_ROUND \a, \b, \c, \d, \e, \f, \g, \h, [rsp - 128 + 16 * (\i)], r13, r14
    SHA512_ROUND \h, \a, \b, \c, \d, \e, \f, \g, [rsp - 120 + 16 * (\i)], r14, r13
    \next
.endm

.macro SHA512_PAIR i, m0, m1, m4, m5, m7
    SHA512_NEXT \m0, \m1, \m4, \m5, \m7
    SHA512_SUM \i, \m0
.endm

# blockAVX2(dig *Digest, p []byte): the state h [8]uint64 is dig's first field; whole blocks of p.
.p2align 5
GO crypto/internal/fips140/sha512.blockAVX2
    and rdx, -128
    jz 9f
    add rdx, rsi
    mov [rsp - 144], rdx
    mov [rsp - 136], rdi
    vmovq xmm11, rbx
    vmovq xmm12, r12
    vmovq xmm13, r13
    vmovq xmm14, r14
    vmovdqa xmm15, [rip + sha512_swap]
    mov rax, [rdi]
    mov rbx, [rdi + 8]
    mov rcx, [rdi + 16]
    mov rdx, [rdi + 24]
    mov r8, [rdi + 32]
    mov r9, [rdi + 40]
    mov r10, [rdi + 48]
    mov r11, [rdi + 56]
1:
    lea rdi, [rip + sha512_k]
    vmovdqu xmm0, [rsi + 0]
    vpshufb xmm0, xmm0, xmm15
    SHA512_SUM 0, xmm0
    vmovdqu xmm1, [rsi + 16]
    vpshufb xmm1, xmm1, xmm15
    SHA512_SUM 1, xmm1
    vmovdqu xmm2, [rsi + 32]
    vpshufb xmm2, xmm2, xmm15
    SHA512_SUM 2, xmm2
    vmovdqu xmm3, [rsi + 48]
    vpshufb xmm3, xmm3, xmm15
    SHA512_SUM 3, xmm3
    vmovdqu xmm4, [rsi + 64]
    vpshufb xmm4, xmm4, xmm15
    SHA512_SUM 4, xmm4
    vmovdqu xmm5, [rsi + 80]
    vpshufb xmm5, xmm5, xmm15
    SHA512_SUM 5, xmm5
    vmovdqu xmm6, [rsi + 96]
    vpshufb xmm6, xmm6, xmm15
    SHA512_SUM 6, xmm6
    vmovdqu xmm7, [rsi + 112]
    vpshufb xmm7, xmm7, xmm15
    SHA512_SUM 7, xmm7
    mov r13, rbx
    xor r13, rcx
.p2align 4
2:
    add rdi, 128
    SHA512_2_ROUNDS 0, rax, rbx, rcx, rdx, r8, r9, r10, r11, SHA512_PAIR 0, xmm0, xmm1, xmm4, xmm5, xmm7
    SHA512_2_ROUNDS 1, r10, r11, rax, rbx, rcx, rdx, r8, r9, SHA512_PAIR 1, xmm1, xmm2, xmm5, xmm6, xmm0
    SHA512_2_ROUNDS 2, r8, r9, r10, r11, rax, rbx, rcx, rdx, SHA512_PAIR 2, xmm2, xmm3, xmm6, xmm7, xmm1
    SHA512_2_ROUNDS 3, rcx, rdx, r8, r9, r10, r11, rax, rbx, SHA512_PAIR 3, xmm3, xmm4, xmm7, xmm0, xmm2
    SHA512_2_ROUNDS 4, rax, rbx, rcx, rdx, r8, r9, r10, r11, SHA512_PAIR 4, xmm4, xmm5, xmm0, xmm1, xmm3
    SHA512_2_ROUNDS 5, r10, r11, rax, rbx, rcx, rdx, r8, r9, SHA512_PAIR 5, xmm5, xmm6, xmm1, xmm2, xmm4
    SHA512_2_ROUNDS 6, r8, r9, r10, r11, rax, rbx, rcx, rdx, SHA512_PAIR 6, xmm6, xmm7, xmm2, xmm3, xmm5
    SHA512_2_ROUNDS 7, rcx, rdx, r8, r9, r10, r11, rax, rbx, SHA512_PAIR 7, xmm7, xmm0, xmm3, xmm4, xmm6
    lea r12, [rip + sha512_k + 4 * 128]
    cmp rdi, r12
    jne 2b
    SHA512_2_ROUNDS 0, rax, rbx, rcx, rdx, r8, r9, r10, r11
    SHA512_2_ROUNDS 1, r10, r11, rax, rbx, rcx, rdx, r8, r9
    SHA512_2_ROUNDS 2, r8, r9, r10, r11, rax, rbx, rcx, rdx
    SHA512_2_ROUNDS 3, rcx, rdx, r8, r9, r10, r11, rax, rbx
    SHA512_2_ROUNDS 4, rax, rbx, rcx, rdx, r8, r9, r10, r11
    SHA512_2_ROUNDS 5, r10, r11, rax, rbx, rcx, rdx, r8, r9
    SHA512_2_ROUNDS 6, r8, r9, r10, r11, rax, rbx, rcx, rdx
    SHA512_2_ROUNDS 7, rcx, rdx, r8, r9, r10, r11, rax, rbx
    mov rdi, [rsp - 136]
    add rax, [rdi + 0]
    mov [rdi + 0], rax
    add rbx, [rdi + 8]
    mov [rdi + 8], rbx
    add rcx, [rdi + 16]
    mov [rdi + 16], rcx
    add rdx, [rdi + 24]
    mov [rdi + 24], rdx
    add r8, [rdi + 32]
    mov [rdi + 32], r8
    add r9, [rdi + 40]
    mov [rdi + 40], r9
    add r10, [rdi + 48]
    mov [rdi + 48], r10
    add r11, [rdi + 56]
    mov [rdi + 56], r11
    sub rsi, -128
    cmp rsi, [rsp - 144]
    jne 1b
    vmovq rbx, xmm11
    vmovq r12, xmm12
    vmovq r13, xmm13
    vmovq r14, xmm14
9:
    ret

.p2align 4
# Bytes of every word the other way round.
sha512_swap:
    .quad 0x0001020304050607, 0x08090a0b0c0d0e0f
# Every word eight bits to the right, and round.
sha512_rotate_8:
    .quad 0x0007060504030201, 0x080f0e0d0c0b0a09
# FIPS 180-4, 4.2.3.
sha512_k:
    .quad 0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc
    .quad 0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118
    .quad 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2
    .quad 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694
    .quad 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65
    .quad 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5
    .quad 0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4
    .quad 0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70
    .quad 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df
    .quad 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b
    .quad 0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30
    .quad 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8
    .quad 0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8
    .quad 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3
    .quad 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec
    .quad 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b
    .quad 0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178
    .quad 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b
    .quad 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c
    .quad 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817

# ---------------------------------------------------------------- hash/crc32

# castagnoliSSE42(crc uint32, p []byte) uint32
.p2align 5
GO hash/crc32.castagnoliSSE42
    mov eax, edi
    mov rcx, rdx
    shr rcx, 3
    jz 2f
1:
    crc32 rax, qword ptr [rsi]
    add rsi, 8
    dec rcx
    jnz 1b
2:
    and edx, 7
    jz 9f
3:
    crc32 eax, byte ptr [rsi]
    inc rsi
    dec edx
    jnz 3b
9:
    ret

# castagnoliSSE42Triple(crcA, crcB, crcC uint32, a, b, c []byte, rounds uint32) (uint32, uint32, uint32):
# 24 bytes of each a round. What follows a's pointer is in the overflow area.
.p2align 5
GO hash/crc32.castagnoliSSE42Triple
    mov eax, edi
    mov r9d, esi
    mov rdi, [r8 + 2 * 8]
    mov rsi, [r8 + 5 * 8]
    mov r8d, [r8 + 8 * 8]
    test r8d, r8d
    jz 9f
1:
    crc32 rax, qword ptr [rcx]
    crc32 r9, qword ptr [rdi]
    crc32 rdx, qword ptr [rsi]
    crc32 rax, qword ptr [rcx + 8]
    crc32 r9, qword ptr [rdi + 8]
    crc32 rdx, qword ptr [rsi + 8]
    crc32 rax, qword ptr [rcx + 16]
    crc32 r9, qword ptr [rdi + 16]
    crc32 rdx, qword ptr [rsi + 16]
    add rcx, 24
    add rdi, 24
    add rsi, 24
    dec r8d
    jnz 1b
9:
    mov ecx, r9d
    ret

# \x, moved on by what the constants \k say, and \d added.
.macro CRC_FOLD x, k, d
    vpclmulqdq xmm5, \x, \k, 0x11
    vpclmulqdq \x, \x, \k, 0x00
    vpxor xmm5, xmm5, \d
    vpxor \x, \x, xmm5
.endm

# ieeeCLMUL(crc uint32, p []byte) uint32: p has 64 bytes or more, a multiple of 16. Gopal and others, "Fast CRC
# Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), for reflected bits.
.p2align 5
GO hash/crc32.ieeeCLMUL
    vmovd xmm0, edi
    vpxor xmm0, xmm0, [rsi]
    vmovdqu xmm1, [rsi + 16]
    vmovdqu xmm2, [rsi + 32]
    vmovdqu xmm3, [rsi + 48]
    add rsi, 64
    sub rdx, 64
    cmp rdx, 64
    jb 2f
    vmovdqa xmm4, [rip + crc_fold_64]
1:
    CRC_FOLD xmm0, xmm4, [rsi]
    CRC_FOLD xmm1, xmm4, [rsi + 16]
    CRC_FOLD xmm2, xmm4, [rsi + 32]
    CRC_FOLD xmm3, xmm4, [rsi + 48]
    add rsi, 64
    sub rdx, 64
    cmp rdx, 64
    jae 1b
2:
    vmovdqa xmm4, [rip + crc_fold_16]
    CRC_FOLD xmm0, xmm4, xmm1
    CRC_FOLD xmm0, xmm4, xmm2
    CRC_FOLD xmm0, xmm4, xmm3
3:
    sub rdx, 16
    jb 4f
    CRC_FOLD xmm0, xmm4, [rsi]
    add rsi, 16
    jmp 3b
4:
    # 128 bits to 96, these to 64, and Barrett's reduction of the rest.
    vpclmulqdq xmm1, xmm0, xmm4, 0x10
    vpsrldq xmm0, xmm0, 8
    vpxor xmm0, xmm0, xmm1
    vpcmpeqd xmm3, xmm3, xmm3
    vpsrldq xmm3, xmm3, 12
    vpand xmm1, xmm0, xmm3
    vpsrldq xmm0, xmm0, 4
    vmovq xmm2, [rip + crc_fold_4]
    vpclmulqdq xmm1, xmm1, xmm2, 0x00
    vpxor xmm0, xmm0, xmm1
    vmovdqa xmm2, [rip + crc_polynomial]
    vpand xmm1, xmm0, xmm3
    vpclmulqdq xmm1, xmm1, xmm2, 0x10
    vpand xmm1, xmm1, xmm3
    vpclmulqdq xmm1, xmm1, xmm2, 0x00
    vpxor xmm0, xmm0, xmm1
    vpextrd eax, xmm0, 1
    ret

.p2align 4
# Powers of x modulo the polynomial, reflected: x^(512+32) x^(512-32), x^(128+32) x^(128-32), x^64; the
# polynomial and floor(x^64 / it).
crc_fold_64:
    .quad 0x154442bd4, 0x1c6e41596
crc_fold_16:
    .quad 0x1751997d0, 0x0ccaa009e
crc_polynomial:
    .quad 0x1db710641, 0x1f7011641
crc_fold_4:
    .quad 0x163cd6124
