// Drives a Verilated bench: reads the inputs of so many cycles, answers with outputs and events.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "Vtb.h"
#include "verilated.h"
#ifdef TRACE
#include "verilated_vcd_c.h"
#endif

static const char* argument(VerilatedContext& context, const char* name) {
    std::string found = context.commandArgsPlusMatch(name);
    if (found.empty()) return "";
    static std::string value;
    value = found.substr(found.find('=') + 1);
    return value.c_str();
}

int main(int argc, char** argv) {
    VerilatedContext context;
    context.commandArgs(argc, argv);
#ifdef TRACE
    context.traceEverOn(true);
#endif
    auto top = std::make_unique<Vtb>(&context);
#ifdef TRACE
    uint64_t from = strtoull(argument(context, "from="), nullptr, 10);
    uint64_t to = strtoull(argument(context, "to="), nullptr, 10);
    VerilatedVcdC vcd;
    top->trace(&vcd, 99);
    vcd.open(argument(context, "vcd="));
#endif
    top->clk = 0;
    top->rst = 1;
    top->eval();
    top->clk = 1;
    top->eval();
    top->rst = 0;
    // Speed alone: so many cycles, nothing compared.
    if (uint64_t cycles = strtoull(argument(context, "run="), nullptr, 10)) {
        auto began = std::chrono::steady_clock::now();
        for (; cycles > 0; cycles--) {
            top->clk = 0;
            top->eval();
            top->clk = 1;
            top->eval();
        }
        std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        printf("%.9f\n", took.count());
        return 0;
    }
    uint64_t cycle = 0;
    uint32_t n;
    std::vector<uint32_t> answer;
    const size_t outs = sizeof(top->out) / 4, evs = sizeof(top->ev) / 4;
#ifdef INPUTS
    std::vector<uint32_t> inputs;
    const size_t ins = sizeof(top->in) / 4;
#endif
    while (fread(&n, 4, 1, stdin) == 1) {
        answer.resize(n * (outs + evs));
#ifdef INPUTS
        inputs.resize(n * ins);
        if (fread(inputs.data(), 4, inputs.size(), stdin) != inputs.size()) return 1;
#endif
        uint32_t* to_go = answer.data();
        for (uint32_t i = 0; i < n; i++, cycle++) {
            top->clk = 0;
#ifdef INPUTS
            memcpy(&top->in[0], &inputs[i * ins], ins * 4);
#endif
            top->eval();
            memcpy(to_go + outs, &top->ev[0], evs * 4);
#ifdef TRACE
            if (cycle >= from && cycle <= to) vcd.dump(10 * cycle);
#endif
            top->clk = 1;
            top->eval();
            memcpy(to_go, &top->out[0], outs * 4);
#ifdef TRACE
            if (cycle >= from && cycle <= to) vcd.dump(10 * cycle + 5);
#endif
            to_go += outs + evs;
        }
        if (fwrite(answer.data(), 4, answer.size(), stdout) != answer.size()) return 1;
        fflush(stdout);
    }
#ifdef DUMP
    top->dump = 1;
    top->eval();
#endif
    top->final();
#ifdef TRACE
    vcd.close();
#endif
    return 0;
}
