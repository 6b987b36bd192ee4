// The sum of the numbers from 1 to 10, at address 0 of the scratch memory.
        li      r1, 0
        li      r2, 10
        loop    r2, end
        add     r1, r1, r2
        addi    r2, r2, -1
end:    sw      r1, 0(r0)
        halt
