package xmem

import (
	"testing"

	"bdfasim/rtl/port"
)

func BenchmarkIdle(b *testing.B) {
	x := newBench(small())
	var in In
	for b.Loop() {
		x.u.Tick(&in, &x.out)
	}
}

func BenchmarkStream(b *testing.B) {
	x := newBench(small())
	var in In
	addr := uint32(0)
	for b.Loop() {
		in.Req[0], in.Called = port.XReq{Valid: x.out.Room[0], Addr: addr}, 0
		if x.out.Room[0] {
			in.Called = 1
			addr = (addr + 32) % (1 << 20)
		}
		x.u.Tick(&in, &x.out)
	}
}

func BenchmarkMix(b *testing.B) {
	x := newBench(small())
	r, w := &stream{p: port.XPortMom}, &stream{p: port.XPortMomW, addr: 1 << 19}
	r.left, w.left = b.N+1<<30, b.N+1<<30
	for b.Loop() {
		r.addr, w.addr = r.addr%(1<<19), 1<<19|w.addr%(1<<19)
		r.step(x)
		w.step(x)
		x.step()
	}
}
