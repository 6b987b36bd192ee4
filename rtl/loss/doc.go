// Package loss is the loss unit: softmax cross-entropy of the logits, whose gradient e_L = p - y
// starts the error propagation, and the count of correct predictions.
//
//	OMEM -> FIFO (4 groups) -> LOGIT row buffer, M = max
//	                              |  four elements per cycle, two passes per row
//	                              v
//	                A --(M - a) * log2(e) >> F+8--> Z --T[z], >>--> P --+--> + S       pass 1
//	                1                               2               3   |    4
//	                                 2^40 / S = R, 1 bit per cycle      |
//	                                                                    +--> * R --> Prod
//	                                                                         4        |
//	                              OMEM <-- group <--round, - y------------------------+ 5  pass 2
//
// A row (sample) is loaded, which finds M and its first index. Pass 1 sums the exponentials. The
// divider computes the reciprocal. Pass 2 computes the exponentials again (they need no second
// buffer), multiplies and subtracts the label. loss.eval loads only. Rows are processed one after
// another; the FIFO takes the next row's first groups meanwhile. A group that comes to an empty FIFO
// is loaded in the same cycle.
//
// Ports (every In is another unit's register, as of the previous cycle; every Out is a register):
//
//	In.Bus                  command bus of SEQ; a write to parameter label also sets label register
//	                        Val>>16 to Val&0xffff. There is one set of label registers: the program
//	                        writes them while no command of this unit is outstanding
//	In.Read, Out.Req,       stream of logits out of OMEM; ReadRoom when the FIFO has two free places
//	In.ReqRoom, ReadRoom    and a command runs
//	Out.Write, In.WriteRoom a group of e_L to OMEM; sent only in a cycle that sees WriteRoom
//	In.WriteIdle            all writes that OMEM has accepted are committed
//	Out.Stat                the requested status register, one cycle after SEQ's request; reading
//	                        clears it, and what is counted in the same cycle counts from then on
//	Out.Done, Out.Fault     a command retired; the first fault, sticky
//
// Timing, counted from the cycle that sees the command on the bus to the one that sets Done, both
// included, when the unit was idle, nothing stalls and OMEM answers the request in its next cycle:
//
//	loss.eval   2 + nb*g                      g = ceil(n/16)
//	loss.ce     4 + nb*(g + 2*q + 32)         q = ceil(n/4); a row: load g, pass 1 q+3, divide 25,
//	                                          pass 2 q+4
//
// The cycle that sees a command on an idle unit, or the one after Done, checks it and, if ReqRoom
// shows, asks for its rows; in later ones the load asks before it looks at the FIFO.
//
// Status is Busy when the rows are asked for, a group is loaded, a pass moves or the divider steps,
// and when a command ends or faults; WaitOperand when the request has no room or the stream has not
// arrived; WaitDrain when OMEM accepts no write or has not committed the last one, of which
// WriteIdle tells from the second cycle of waiting on; else Idle, after a fault, too.
//
// Arithmetic: docs/arithmetic.md section 3, to the bit. The divider is restoring: S >= 2^16, so the
// quotient has 25 bits and the first 16 of the 41 dividend bits are shifted in at once. Parameter
// frac, -8..39, is Fo[L].
//
// Machine: loss.classes, the capacity of the row buffer.
//
// The clock, in gate levels by hand, with ten for a register: the largest of 16 logits and its
// class 82 (four comparisons with selection and one with M, 14 each, and 2), z 90 (difference 12,
// product 41, shift 15, clip 12), a product with R 52, four errors and their largest magnitude 82,
// a step of the divider 29. So it runs at up to 222 MHz as it is. The row buffer is written or read
// once a cycle, and each copy of the table read once.
//
// Events, under the command's tag: LogitWrite and LogitRead, per four logits (loss.eval writes
// none); LossMul, 3n per row (log2(e) in both passes, R in the second); ExpTab, 2n per row;
// LossDiv, 25 per row. Registers: ActiveLoss, when anything moves or Status changes;
// ClockLossLabel, per label; ClockLossFIFO, per group that arrives; ClockLossRow, per group loaded
// and per row; ClockLossSum, per four summed and per row; ClockLossDivide, per step and one to
// begin; ClockLossLogits, ClockLossExponents, ClockLossPowers, ClockLossProducts, per four in a
// stage; ClockLossErrors, per four errors that wait for the rest of their group; ClockLossStats,
// per four errors, correct sample and status register read; ClockLossRequest, ClockLossWrite, per
// word sent.
//
// A row is written when all of it has been read, so e_L may lie where the logits do, row by row.
//
// Faults: the limits of isa/REFERENCE.md, that of label when it is written, which stops the unit in
// that very cycle; FaultParam (label) with sample << 16 | label when a label is not below n, found
// when a group of the row could be loaded. OMEM checks the addresses of the stream and of the
// writes.
//
// Paper: section 2.1, the gradient of the loss at the output, from which back-propagation and BDFA
// both start.
//
// Not modelled: the value of the loss itself (e_L needs only its gradient; the host computes it
// from the logits); registers within the stages of z and of the maximum for clocks above 222 MHz,
// at 400 MHz four or five cycles more a row, of 51 or more.
package loss
