# ---- macros ---------------------------------------------------------------------------------------------------

# Add a counter of a unit to a field of the record. Reading clears the counter.
.macro tally field, status
        get     r6, \status
        lw      r7, \field(zero)
        add     r7, r7, r6
        sw      r7, \field(zero)
.endm

# Raise a field of the record to a unit's largest absolute value.
.macro peak field, status
        get     r6, \status
        lw      r7, \field(zero)
        bgeu    r7, r6, 9f
        sw      r6, \field(zero)
9:
.endm

# Copy a scratch word into a parameter register.
.macro param register, field
        lw      r6, \field(zero)
        set     \register, r6
.endm
