// Package testbench has the tests that cross packages: the chip beside its fixed-point model and
// beside the float model, the rules that all units keep, and the map of who imports whom.
//
//	lockstep/   the chip beside the fixed-point model, compared tensor by tensor at every mark
//	models/     the models of a compiled program
//	recipes/    docs/change.md, executed
//	cosim/      the RTL beside the units, with Verilator, and as hardware, with Yosys
//
// # Promises
//
// What README promises, by words of it, and the tests that hold it. TestPromises demands that each
// promise under "How far it can be trusted" is in this list, that each phrase of the list is in
// README, and that each test exists.
//
//	phrase                              package            test
//	a formula for the cycles            rtl/dma            TestCycles
//	                                    rtl/wld            TestCycles
//	                                    rtl/dnnc           TestCycles TestNestedCycles
//	                                    rtl/drain          TestCycles
//	                                    rtl/loss           TestCycles
//	                                    rtl/depc           TestCycles
//	                                    rtl/epc            TestCyclesOfTheTrees TestCyclesOfTheLanes
//	                                    rtl/momentum       TestCyclesOfTheFormula
//	                                    rtl/norm           TestCyclesOfTheFormula
//	                                    rtl/omem           TestStreamCycles TestWindowCycles
//	                                    rtl/lfsr           TestTiming
//	                                    rtl/xmem           TestCyclesOfTheReference
//	                                    rtl/seq            TestEveryInstruction
//	pipeline, ports                     rtl                TestPagesAreComplete TestUnitsHaveTheirTests
//	each tensor in the chip's memories  testbench          TestLockstep TestEdges TestSchedules
//	                                    testbench          TestFused TestWeightsStay
//	tensor that differs by one bit      testbench          TestDivergenceIsNamed
//	random networks                     testbench          TestRandom
//	batches over 32, rates of layers    testbench          TestBatches TestBatchesByHand TestRates
//	                                    testbench          TestBatchWords TestBatchUpdateWords
//	shares no code with the chip        testbench          TestWhoImportsWhom
//	float model stays within            testbench          TestFloatError TestInputError
//	order each pair of commands         firmware/order     TestRules TestMutantsPlain TestMutantsFused
//	                                    firmware/order     TestRandomNetworks TestItself
//	leave the same memories             testbench          TestSound TestSoundMutants
//	what run --race sees                testbench          TestRaces TestRacesOfMutants TestNoRaces
//	                                    testbench          TestContractsCoverAccesses
//	as synthesizable SystemVerilog      testbench          TestCosim TestCosimChip TestCosimMutants
//	Random tick orders                  testbench          TestTickOrder
//	sleeping units                      testbench          TestSleep TestStatusFollowsTheWires
//	SIMD and pure Go                    rtl/dnnc/lanes     TestRandom TestExtremes TestEveryRow
//	                                    rtl/depc/tree      TestRandom TestExtremes TestWithoutAVX2
//	counting of toggles                 testbench          TestTogglesChangeNothing
//	exactly one owner                   testbench          TestEveryCycleIsOwned
//	predicted without the chip          testbench          TestPredictions TestFusedPredictions
//	add up exactly                      testbench          TestWindowsAddUp
//	                                    power              TestWindowsSumToRun TestEnergyByHand
//	is uncertain has a range            power              TestEveryEventHasPriceAndSource
//	                                    power              TestPricesByHand TestLeakageByHand
//	event without a price               testbench          TestEveryEventHappens TestEveryEventIsPriced
//	Tables are also CSV and JSON        power              TestTablesInAllFormats
//	                                    sim/cmd/bdfasim    TestFolder TestForms
//	Exit codes: 0 done, 1 failed        sim/cmd/bdfasim    TestUsage TestFailures TestExitCodes
//	differs from its model              sim/cmd/bdfasim    TestADifferenceFromTheModelIsAnError
//	image and seed give the same bits   sim                TestTwoRunsAreEqual
package testbench
