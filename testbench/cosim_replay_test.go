package testbench

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"unsafe"

	"bdfasim/rtl/activity"
	"bdfasim/testbench/cosim/sv"
)

// benchProcess is a bench that runs.
type benchProcess struct {
	*cosimBench
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	raw []byte
}

func (b *cosimBench) start(args []string) (*benchProcess, error) {
	p := &benchProcess{cosimBench: b, cmd: exec.Command(b.Binary, args...)}
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<16)
	return p, p.cmd.Start()
}

// exchange gives the inputs of n cycles and takes the outputs and events.
func (p *benchProcess) exchange(n int, in, out []uint32) error {
	p.raw = binary.LittleEndian.AppendUint32(p.raw[:0], uint32(n))
	for _, w := range in {
		p.raw = binary.LittleEndian.AppendUint32(p.raw, w)
	}
	if _, err := p.in.Write(p.raw); err != nil {
		return fmt.Errorf("%s: %w", p.Binary, err)
	}
	size := 4 * len(out)
	if cap(p.raw) < size {
		p.raw = make([]byte, size)
	}
	p.raw = p.raw[:size]
	if _, err := io.ReadFull(p.out, p.raw); err != nil {
		return fmt.Errorf("%s: %w", p.Binary, err)
	}
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(p.raw[4*i:])
	}
	return nil
}

func (p *benchProcess) close() error {
	if err := p.in.Close(); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// Time runs a chip's bench for so many cycles and returns the seconds that it took.
func (b *cosimBench) Time(cycles uint64, args ...string) (seconds float64, err error) {
	out, err := exec.Command(b.Binary, append(args, fmt.Sprintf("+run=%d", cycles))...).Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", b.Binary, err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// atOnce is how many cycles a bench gets at a time.
const atOnce = 256

// cosimDifference says where a unit's RTL drives something else than the Go unit.
type cosimDifference struct {
	Unit  string
	Cycle uint64
	portDifference
}

func (d *cosimDifference) Error() string {
	return fmt.Sprintf("%s, cycle %d, %s: got %#x, want %#x", d.Unit, d.Cycle, d.Port, d.Got, d.Want)
}

// cosimReplay runs RTL beside a chip: a unit's on what the Go unit sees, or the whole chip's.
type cosimReplay struct {
	Cycles   uint64
	Compared uint64     // values of ports
	Counted  [][]uint64 // events of each part, as Unit.Events

	in   *portLayout // nil: the chip sees nothing
	outs []*portLayout
	proc *benchProcess
	fill *cycleBatch // being recorded
	work chan *cycleBatch
	free chan *cycleBatch
	done chan error
}

// cycleBatch is cycles that a bench gets at a time.
type cycleBatch struct {
	n        int
	in, want []uint32
}

// startReplay begins a replay. in is a value of the unit's In, or nil for a chip; outs are values of the
// Out of the bench's parts; args are given to the bench.
func startReplay(b *cosimBench, in any, outs []any, args ...string) (*cosimReplay, error) {
	r := &cosimReplay{work: make(chan *cycleBatch, 1), free: make(chan *cycleBatch, 2), done: make(chan error, 1)}
	if in != nil {
		r.in = newLayout(b.Parts[0].Unit.In, in)
	}
	for i, part := range b.Parts {
		r.outs = append(r.outs, newLayout(part.Unit.Out, outs[i]))
		r.Counted = append(r.Counted, make([]uint64, len(part.Unit.Events)))
	}
	var err error
	if r.proc, err = b.start(args); err != nil {
		return nil, err
	}
	for range 2 {
		r.free <- &cycleBatch{in: make([]uint32, atOnce*b.Ins), want: make([]uint32, atOnce*b.Outs)}
	}
	r.fill = <-r.free
	go r.compare()
	return r, nil
}

// Cycle takes a cycle: what the unit saw, and what each part drove then.
func (r *cosimReplay) Cycle(in unsafe.Pointer, outs ...unsafe.Pointer) {
	f, b := r.fill, r.proc.cosimBench
	if r.in != nil {
		r.in.Pack(in, f.in[f.n*b.Ins:(f.n+1)*b.Ins])
	}
	want := f.want[f.n*b.Outs : (f.n+1)*b.Outs]
	for i, part := range b.Parts {
		r.outs[i].Pack(outs[i], want[part.Out:])
	}
	if f.n++; f.n == atOnce {
		r.send()
	}
}

func (r *cosimReplay) send() {
	r.work <- r.fill
	r.fill = <-r.free
	r.fill.n = 0
	clear(r.fill.in)
	clear(r.fill.want)
}

// Close ends a replay and returns the first difference, or what else went wrong.
func (r *cosimReplay) Close() error {
	r.send()
	close(r.work)
	err := <-r.done
	if closed := r.proc.close(); err == nil {
		err = closed
	}
	return err
}

// compare runs the bench. After a difference it compares no more.
func (r *cosimReplay) compare() {
	var found error
	b := r.proc.cosimBench
	size := b.Outs + b.Events
	got := make([]uint32, atOnce*size)
	for c := range r.work {
		if err := r.proc.exchange(c.n, c.in[:c.n*b.Ins], got[:c.n*size]); found == nil {
			found = err
		}
		for i := 0; i < c.n && found == nil; i++ {
			found = r.compareCycle(got[i*size:(i+1)*size], c.want[i*b.Outs:(i+1)*b.Outs])
		}
		r.free <- c
	}
	r.done <- found
}

func (r *cosimReplay) compareCycle(answer, want []uint32) (found error) {
	b := r.proc.cosimBench
	for i, part := range b.Parts {
		words := r.outs[i].Words
		d, n := r.outs[i].Compare(answer[part.Out:part.Out+words], want[part.Out:part.Out+words])
		r.Compared += uint64(n)
		if d != nil && found == nil {
			found = &cosimDifference{part.Unit.Module, r.Cycles, *d}
		}
		ev, last := answer[b.Outs+part.Ev:], len(r.Counted[i])-1
		for k := range r.Counted[i] { // the last of the struct stands in the lowest bits
			r.Counted[i][k] += getBits(ev, (last-k)*sv.EventBits, sv.EventBits)
		}
	}
	r.Cycles++
	return found
}

// Check compares the events with those of a run; those of others, which units outside of the bench
// count, too, are left out.
func (r *cosimReplay) Check(act *activity.Counts, others map[activity.Event]bool) error {
	sum := map[activity.Event]uint64{}
	unit := map[activity.Event]string{}
	for i, part := range r.proc.Parts {
		for k, e := range part.Unit.Events {
			sum[e] += r.Counted[i][k]
			unit[e] = part.Unit.Module
		}
	}
	var errs []error
	for e := range activity.NumEvents {
		if got, ok := sum[e]; ok && got != act.Total(e) && !others[e] {
			errs = append(errs, fmt.Errorf("%s, event %v: got %d, want %d", unit[e], e, got, act.Total(e)))
		}
	}
	return errors.Join(errs...)
}
