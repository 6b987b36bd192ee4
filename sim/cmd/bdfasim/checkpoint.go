package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"
	"time"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/sim/snapshot"
)

// keepFlags say where a run or a training is kept, so that it can go on later.
type keepFlags struct {
	Checkpoint      target `placeholder:"FILE" help:"${checkpoint}"`
	CheckpointEvery every  `default:"10m" placeholder:"CYCLES|TIME|epoch" help:"${checkpoint_every}"`
	Resume          string `type:"existingfile" placeholder:"FILE" help:"${resume}"`
}

// stopGroup is the group of such flags.
const stopGroup = "Stop and go on:"

// every is how often something is kept; one field is not zero.
type every struct {
	cycles uint64
	time   time.Duration
	epoch  bool
}

// UnmarshalText is called by kong.
func (v *every) UnmarshalText(text []byte) error {
	s := string(text)
	*v = every{epoch: s == "epoch"}
	if v.epoch {
		return nil
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil && n > 0 {
		v.cycles = n
		return nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		v.time = d
		return nil
	}
	return fmt.Errorf("got %s, want cycles, a time as 90s or 10m, or epoch", text)
}

// keeper keeps the parts of a run or a training. Parts that run beside each other share it.
type keeper struct {
	flags *keepFlags
	mu    sync.Mutex
	file  snapshot.File
	err   error // the last file could not be written
}

var keepsNothing = &keeper{flags: &keepFlags{}}

// open makes a keeper for what belongs to something, and reads what was kept of it. The states have
// at most so many bytes.
func (f *keepFlags) open(of []snapshot.Of, most int) (*keeper, error) {
	k := &keeper{flags: f, file: snapshot.File{Of: of, Parts: map[string][]byte{}}}
	if f.Resume == "" {
		return k, nil
	}
	old, err := snapshot.Read(f.Resume, most)
	if err != nil {
		return nil, err
	}
	if err := old.Check(of); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Resume, err)
	}
	k.file.Parts = old.Parts
	return k, nil
}

// restore brings a part to where it was kept, if it was.
func (k *keeper) restore(part string, state []any) error {
	k.mu.Lock()
	data, ok := k.file.Parts[part]
	k.mu.Unlock()
	if !ok {
		return nil
	}
	if err := snapshot.Decode(data, state...); err != nil {
		return fmt.Errorf("%s: %s: %w", k.flags.Resume, part, err)
	}
	return nil
}

// keep writes a part's state, and the last ones of the others. A file that cannot be written does
// not cost the run: there may be room for the next one.
func (k *keeper) keep(part string, state []any) error {
	if k.flags.Checkpoint == "" {
		return nil
	}
	data, err := snapshot.Encode(state...)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.file.Parts[part] = data
	k.err = k.file.Write(string(k.flags.Checkpoint))
	return nil
}

// timer tells when it is time to keep a part.
type timer struct {
	every time.Duration // 0: never
	last  time.Time
}

func (k *keeper) timer() *timer { return &timer{k.flags.CheckpointEvery.time, time.Now()} }

func (t *timer) due() bool {
	if t.every == 0 || time.Since(t.last) < t.every {
		return false
	}
	t.last = time.Now()
	return true
}

// chip makes a run keep itself as the flags say. epoch is the number of training steps of an epoch;
// steps counts them and is kept as well.
func (k *keeper) chip(part string, e *sim.Engine, opt *sim.Options, epoch int, steps *int) error {
	state := func() []any { return append(e.State(), steps) }
	if err := k.restore(part, state()); err != nil || k.flags.Checkpoint == "" {
		return err
	}
	when, now, clock := k.flags.CheckpointEvery, e.Chip().Cycle(), k.timer()
	switch also := opt.OnTagDone; {
	case when.epoch:
		opt.OnTagDone = func(t seq.TagDone) error {
			if err := also(t); err != nil || isa.Phase(t.Tag.Phase()) != isa.PhaseLoss || *steps%epoch != 0 {
				return err
			}
			return k.keep(part, state())
		}
	default:
		stride := when.cycles
		if stride == 0 {
			stride = sim.ProgressEvery // look at the clock as often
		}
		opt.Window = now + stride
		opt.OnWindow = func(cycle uint64) (uint64, error) {
			if when.cycles > 0 || clock.due() {
				return cycle + stride, k.keep(part, state())
			}
			return cycle + stride, nil
		}
	}
	return nil
}

// at makes a run keep itself after a cycle, too, which must be before it.
func (k *keeper) at(cycle uint64, part string, e *sim.Engine, opt *sim.Options, steps *int) error {
	switch now := e.Chip().Cycle(); {
	case cycle == 0:
		return nil
	case cycle <= now:
		return usagef("--snapshot-at: got cycle %d, want one after %d, from which the run goes on", cycle, now)
	}
	next, also := opt.Window, opt.OnWindow
	opt.Window = cycle
	if also != nil {
		opt.Window = min(cycle, next)
	}
	opt.OnWindow = func(now uint64) (_ uint64, err error) {
		if also != nil && now == next {
			next, err = also(now)
		}
		if now == cycle && err == nil {
			err = k.keep(part, append(e.State(), steps))
		}
		if also == nil || now < cycle && cycle < next {
			return cycle, err
		}
		return next, err
	}
	return nil
}

// belongs is what the states of an image's run on a machine belong to.
func belongs(img *image.Image, m machine.Config) []snapshot.Of {
	of := []snapshot.Of{{What: "machine"}, {What: "network"}, {What: "program"}, {What: "data"}}
	sums := [][]byte{nil, []byte(compile.NetworkOf(img)), fmt.Append(nil, img.Entry), nil}
	m.Each(func(field string, value any) { sums[0] = fmt.Appendln(sums[0], field, value) })
	for _, w := range img.Code {
		sums[2] = binary.LittleEndian.AppendUint64(sums[2], uint64(w))
	}
	h := sha256.New()
	h.Write(img.Scratch)
	for _, s := range img.Segments {
		fmt.Fprintln(h, s.Addr, len(s.Data))
		h.Write(s.Data)
	}
	sums[3] = h.Sum(nil)
	for i := range of {
		sum := sha256.Sum256(sums[i])
		of[i].Is = fmt.Sprintf("%x", sum[:8])
	}
	of[0].Is = m.Name + " " + of[0].Is
	return of
}

// stateBytes bounds the states of a run: memories, and as much again for all registers and counts.
func stateBytes(m machine.Config) int { return 2*(m.XMem.Bytes+16*m.OMEM.Words) + 64<<20 }
