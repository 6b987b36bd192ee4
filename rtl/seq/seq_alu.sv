// Register instructions and conditions of branches (isa/REFERENCE.md): what is written to rd, and
// whether a conditional branch is taken.
module seq_alu (
    input logic [7:0] op,
    input logic [31:0] a,     // the value of ra
    input logic [31:0] b,     // the value of rb
    input logic [31:0] imm,
    output logic scalar,      // a register instruction
    output logic [31:0] value,
    output logic branch,      // a conditional branch
    output logic taken
);
  logic [31:0] y;
  logic [4:0] by;
  logic less, below;

  assign y = op >= chip_pkg::OP_ADDI ? imm : b;
  assign by = y[4:0];

  always_comb begin
    scalar = 1'b1;
    case (op)
      chip_pkg::OP_LI: value = imm;
      chip_pkg::OP_MOV: value = a;
      chip_pkg::OP_ADD, chip_pkg::OP_ADDI: value = a + y;
      chip_pkg::OP_SUB: value = a - y;
      chip_pkg::OP_MUL, chip_pkg::OP_MULI: value = a * y;
      chip_pkg::OP_AND, chip_pkg::OP_ANDI: value = a & y;
      chip_pkg::OP_OR, chip_pkg::OP_ORI: value = a | y;
      chip_pkg::OP_XOR, chip_pkg::OP_XORI: value = a ^ y;
      chip_pkg::OP_SHL, chip_pkg::OP_SHLI: value = a << by;
      chip_pkg::OP_SHR, chip_pkg::OP_SHRI: value = a >> by;
      chip_pkg::OP_SAR, chip_pkg::OP_SARI: value = $signed(a) >>> by;
      chip_pkg::OP_MIN, chip_pkg::OP_MINI: value = $signed(a) < $signed(y) ? a : y;
      default: begin
        scalar = 1'b0;
        value = 32'd0;
      end
    endcase
  end

  assign less = $signed(a) < $signed(b);
  assign below = a < b;

  always_comb begin
    branch = 1'b1;
    case (op)
      chip_pkg::OP_BEQ: taken = a == b;
      chip_pkg::OP_BNE: taken = a != b;
      chip_pkg::OP_BLT: taken = less;
      chip_pkg::OP_BGE: taken = !less;
      chip_pkg::OP_BLTU: taken = below;
      chip_pkg::OP_BGEU: taken = !below;
      default: begin
        branch = 1'b0;
        taken = 1'b0;
      end
    endcase
  end
endmodule
