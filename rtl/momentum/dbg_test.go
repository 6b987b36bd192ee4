package momentum
import ("testing";"math/rand/v2";"bdfasim/isa";"bdfasim/rtl/port";"bdfasim/rtl/activity")
func TestDbg(t *testing.T){
	for _, vo := range []uint32{1<<17, 1<<17+4096*3, 1<<17+4096*5} {
	rng := rand.New(rand.NewPCG(7, 7))
	b := newBench(randomMem(rng))
	r := newReal(b.mem, &b.act)
	b.m = r
	j := randomJob(rng, isa.OpMomW, 64, 256)
	j.p[isa.MomVAddr] = vo
	b.issue(j)
	var wr, rdwait, rdnone, held, ringfull, turns int
	var st [6]int
	prev:=false
	for b.done == 0 { b.cycle(port.Bus{})
		if r.x.Writing {wr++}
		if r.x.Writing!=prev {turns++}; prev=r.x.Writing
		if !r.x.Writing && r.out.Status!=activity.Busy { if r.x.Q[2].N>0 {rdwait++} else {rdnone++} }
		if r.x.Held {held++}
		if int(b.u.Used)==8 {ringfull++}
		st[r.out.Status]++
	}
	t.Log(b.t, "writing",wr,"turns",turns,"rdwait",rdwait,"rdnone",rdnone,"held",held,"full",ringfull,st, "misses", r.x.RowMisses, "bursts", r.x.Bursts)
	}
}
