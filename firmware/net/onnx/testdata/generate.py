"""Writes the .onnx files beside this script, or into the folder named as the first argument, and for each a .json with an
input and the logits that PyTorch computes for it. Needs Debian's python3-torch and python3-onnx:
    /usr/bin/python3 generate.py [folder]"""
import copy, io, json, os, sys
import numpy as np
import onnx, torch, torch.nn as nn, torch.nn.functional as F
from onnx import TensorProto as T, helper as h, numpy_helper

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
torch.manual_seed(1)


def save(name, model, x, logits):
    onnx.checker.check_model(model)
    onnx.shape_inference.infer_shapes(model, strict_mode=True)
    with open(os.path.join(OUT, name + '.onnx'), 'wb') as f:
        f.write(model.SerializeToString())
    with open(os.path.join(OUT, name + '.json'), 'w') as f:
        flat = lambda t: [round(float(v), 9) for v in t.reshape(-1)]
        json.dump({'input': flat(x), 'logits': flat(logits)}, f)
        f.write('\n')


# torch-train.onnx and torch-eval.onnx: PyTorch's own exporter. The first keeps batch norm and dropout; for the second
# PyTorch folds the one into the convolution and drops the other.
net = nn.Sequential(
    nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(),
    nn.Linear(4 * 2 * 2, 6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 5), nn.Softmax(dim=1))
for _ in range(5):  # running mean and variance that are not 0 and 1
    net(torch.randn(16, 2, 8, 8) * 2 + 1)
nn.init.uniform_(net[1].weight, 0.5, 2)
nn.init.normal_(net[1].bias)
x = torch.randn(1, 2, 8, 8)


def export(training):
    f = io.BytesIO()
    torch.onnx.export(copy.deepcopy(net), x, f, training=training, opset_version=13,
                      do_constant_folding=training == torch.onnx.TrainingMode.EVAL, input_names=['image'], output_names=['p'],
                      dynamic_axes={'image': {0: 'batch'}, 'p': {0: 'batch'}})
    return onnx.load_model_from_string(f.getvalue())


train = export(torch.onnx.TrainingMode.TRAINING)
for t in train.graph.initializer:  # the exporter ran a training step, which moved the mean and variance
    if 'running' in t.name:
        net.state_dict()[t.name].copy_(torch.from_numpy(numpy_helper.to_array(t).copy()))
net.eval()
with torch.no_grad():
    logits = net[:-1](x)
save('torch-train', train, x, logits)
save('torch-eval', export(torch.onnx.TrainingMode.EVAL), x, logits)


# helper.onnx: the other spellings, float32 in typed fields.
def rnd(*shape):
    return torch.randn(*shape)


def typed(name, t, kind=T.FLOAT):
    return h.make_tensor(name, kind, list(t.shape), t.reshape(-1).tolist())


w1, w2, b2, w3, b3, w4, b4 = rnd(2, 2, 3, 3), rnd(4, 2, 3, 3), rnd(4), rnd(4, 6), rnd(1, 6), rnd(6, 3), rnd(3)
nodes = [
    h.make_node('Constant', [], ['w1'], value=typed('w1', w1)),
    h.make_node('Constant', [], ['axes'], value_ints=[-1, -2]),
    h.make_node('Conv', ['x', 'w1'], ['c1'], auto_pad='SAME_UPPER'),
    h.make_node('Tanh', ['c1'], ['t1']),
    h.make_node('AveragePool', ['t1'], ['p1'], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    h.make_node('Identity', ['b2'], ['b2 again']),
    h.make_node('Conv', ['p1', 'w2', 'b2 again'], ['c2'], auto_pad='VALID', kernel_shape=[3, 3]),
    h.make_node('Squeeze', ['c2', 'axes'], ['s']),
    h.make_node('MatMul', ['s', 'w3'], ['m']),
    h.make_node('Add', ['b3', 'm'], ['a']),
    h.make_node('Identity', ['a'], ['i']),
    h.make_node('Sigmoid', ['i'], ['g']),
    h.make_node('Gemm', ['g', 'w4', 'b4'], ['y']),
]
inits = [typed(n, t) for n, t in (('w2', w2), ('b2', b2), ('w3', w3), ('b3', b3), ('w4', w4), ('b4', b4))]
graph = h.make_graph(nodes, 'helper', [h.make_tensor_value_info('x', T.FLOAT, ['N', 2, 6, 6])],
                     [h.make_tensor_value_info('y', T.FLOAT, ['N', 3])], inits)
model = h.make_model(graph, opset_imports=[h.make_opsetid('', 13)], ir_version=8)
x = rnd(1, 2, 6, 6)
s = F.conv2d(F.avg_pool2d(torch.tanh(F.conv2d(x, w1, padding=1)), 2), w2, b2).reshape(1, 4)
save('helper', model, x, torch.sigmoid(s @ w3 + b3) @ w4 + b4)

# half.onnx: float16, raw and typed.
w1, b1, w2 = rnd(12, 4).half(), rnd(4).half(), rnd(3, 4).half()
nodes = [
    h.make_node('Reshape', ['x', 'shape'], ['f']),
    h.make_node('MatMul', ['f', 'w1'], ['m']),
    h.make_node('Add', ['m', 'b1'], ['a']),
    h.make_node('Relu', ['a'], ['r']),
    h.make_node('Gemm', ['r', 'w2'], ['y'], transB=1),
]
inits = [numpy_helper.from_array(w1.numpy(), 'w1'), typed('b1', b1, T.FLOAT16), typed('w2', w2, T.FLOAT16),
         h.make_tensor('shape', T.INT64, [2], [0, -1])]
graph = h.make_graph(nodes, 'half', [h.make_tensor_value_info('x', T.FLOAT16, [1, 3, 2, 2])],
                     [h.make_tensor_value_info('y', T.FLOAT16, [1, 3])], inits)
model = h.make_model(graph, opset_imports=[h.make_opsetid('', 13)], ir_version=8)
x = rnd(1, 3, 2, 2)
save('half', model, x, F.relu(x.reshape(1, -1) @ w1.float() + b1.float()) @ w2.float().T)
