package firmware

// Variables are the program's in scratch memory, as asm/memory.s lays them out from VARIABLES on. With
// the header and what the layers have learned they are all that a training goes on from.
type Variables struct {
	Epoch   uint32 // from 1
	Steps   uint32 // training steps done
	Counter uint32 // of the random words
	Order   uint32 // external address of the next batch's first order entry
	Left    uint32 // samples left in this pass over a set
	Testing uint32 // 1 while the test set runs
	ToEval  uint32 // epochs until the next test
	ToShift uint32 // epochs until the next shift of eta
}

// Steps is the number of training steps of an epoch.
func (h *Header) Steps() int { return int((h.TrainN + h.Batch - 1) / h.Batch) }

// TestBatches is the number of batches of a test.
func (h *Header) TestBatches() int { return int((h.TestN + h.Batch - 1) / h.Batch) }

// TestsBefore is the number of tests before an epoch, from 0.
func (h *Header) TestsBefore(epoch int) (n int) {
	if h.EvalEvery > 0 {
		n = epoch / int(h.EvalEvery)
		if epoch == int(h.Epochs) && epoch%int(h.EvalEvery) > 0 {
			n++
		}
	}
	return n
}

// Before returns header and variables as they stand before a training step, from 0.
func (h *Header) Before(step int) (Header, Variables) {
	now, epoch, batch := *h, step/h.Steps(), step%h.Steps()
	now.Eta = h.EtaAt(epoch, int(h.Batch))
	now.EtaShort = h.EtaAt(epoch, 0)
	done := uint32(batch) * h.Batch
	v := Variables{
		Epoch: uint32(epoch + 1), Steps: uint32(step), Counter: uint32(step) * h.CounterStep,
		Order: h.TrainOrder + uint32(epoch)*h.OrderStride + done*orderEntry, Left: h.TrainN - done,
	}
	if h.EvalEvery > 0 {
		v.ToEval = h.EvalEvery - uint32(epoch)%h.EvalEvery
	}
	if h.ShiftEvery > 0 {
		v.ToShift = h.ShiftEvery - uint32(epoch)%h.ShiftEvery
	}
	return now, v
}

// InTest returns the variables before a batch, from 0, of the test after an epoch, from 0.
func (h *Header) InTest(epoch, batch int) Variables {
	_, v := h.Before((epoch+1)*h.Steps() - 1)
	done := uint32(batch) * h.Batch
	v.Steps++
	v.Counter += h.CounterStep
	v.Order, v.Left, v.Testing = h.TestOrder+done*orderEntry, h.TestN-done, 1
	v.ToEval = h.EvalEvery
	return v
}
