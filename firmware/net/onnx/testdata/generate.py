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


# The forms below are those in which exporters write the same things. Each is a graph of a few nodes; what it computes is
# PyTorch's.
def graph_of(name, nodes, inits, shape, classes, inputs=(), opset=13):
    g = h.make_graph(nodes, name, [h.make_tensor_value_info('x', T.FLOAT, shape)],
                     [h.make_tensor_value_info('y', T.FLOAT, ['N', classes])], inits)
    return h.make_model(g, opset_imports=[h.make_opsetid('', opset)], ir_version=8)


class LeNet(nn.Module):
    """LeNet with a log softmax, as PyTorch's examples have it; flat says how planes become a vector."""
    def __init__(self, flat, channels=2, edge=12):
        super().__init__()
        self.flat = flat
        self.c1, self.c2 = nn.Conv2d(1, channels, 3), nn.Conv2d(channels, 3, 2)
        side = ((edge - 2) // 2 - 1) // 2
        self.f1, self.f2 = nn.Linear(3 * side * side, 5), nn.Linear(5, 4)

    def logits(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = {'view': lambda: x.view(x.size(0), -1), 'sizes': lambda: x.view(-1, x.size(1) * x.size(2) * x.size(3)),
             'flatten': lambda: torch.flatten(x, 1), 'reshape': lambda: x.reshape(x.shape[0], -1)}[self.flat]()
        return self.f2(F.relu(self.f1(x)))

    def forward(self, x):
        return F.log_softmax(self.logits(x), dim=1)


def exported(net, x, fold=True, opset=13, dynamic=True):
    f = io.BytesIO()
    axes = {'image': {0: 'batch'}, 'p': {0: 'batch'}} if dynamic else None
    torch.onnx.export(net.eval(), x, f, opset_version=opset, do_constant_folding=fold, input_names=['image'], output_names=['p'],
                      dynamic_axes=axes)
    return onnx.load_model_from_string(f.getvalue())


def logits_of(net, x):
    with torch.no_grad():
        return getattr(net.eval(), 'logits', net)(x)


x = rnd(1, 1, 12, 12)
for name, flat, options in (('torch-view', 'view', {}), ('torch-view-9', 'view', {'opset': 9}), ('torch-sizes', 'sizes', {}),
                            ('torch-reshape-17', 'reshape', {'opset': 17}), ('torch-flatten', 'flatten', {'fold': False, 'dynamic': False})):
    net = LeNet(flat)
    save(name, exported(net, x, **options), x, logits_of(net, x))


# torch-unfolded.onnx: constant folding off, so the weights of linear layers are transposed in nodes.
class Unfolded(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = nn.Parameter(rnd(4, 6)), nn.Parameter(rnd(4))
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        return self.last(torch.relu(torch.matmul((x - 0.1307) / 0.3081, self.w.t()) + self.b))


net, x = Unfolded(), rnd(1, 6)
save('torch-unfolded', exported(net, x, fold=False), x, logits_of(net, x))

# torch-external.onnx: numbers in a file beside it, as PyTorch's newer exporter writes them.
net, x = LeNet('view'), rnd(1, 1, 12, 12)
model = exported(net, x)
save('torch-external', model, x, logits_of(net, x))
data = os.path.join(OUT, 'torch-external.onnx.data')
if os.path.exists(data):
    os.remove(data)
onnx.save_model(model, os.path.join(OUT, 'torch-external.onnx'), save_as_external_data=True, location='torch-external.onnx.data',
                size_threshold=0)

# keras.onnx: as tf2onnx writes a Keras network for images with their channels last: pixels that are rescaled, convolutions
# with padding `same` and a stride of 2, biases that are added, planes that are transposed before they are flattened.
w1, b1, w2, b2, w3, b3 = rnd(2, 3, 3, 3), rnd(2), rnd(3, 2, 4, 4), rnd(3), rnd(3 * 2 * 2, 4), rnd(4)
const = lambda name, t: numpy_helper.from_array(t.numpy(), name)
nodes = [
    h.make_node('Mul', ['x', 'scale'], ['scaled'], name='model/rescaling/mul'),
    h.make_node('Transpose', ['scaled'], ['planes'], perm=[0, 3, 1, 2]),
    h.make_node('Conv', ['planes', 'w1'], ['c1'], strides=[2, 2], auto_pad='SAME_UPPER', dilations=[1, 1], group=1),
    h.make_node('Add', ['c1', 'b1'], ['a1'], name='model/conv/BiasAdd'),
    h.make_node('Relu', ['a1'], ['r1']),
    h.make_node('Pad', ['r1', 'pads'], ['p1'], mode='constant'),
    h.make_node('Conv', ['p1', 'w2', 'b2'], ['c2'], strides=[2, 2], pads=[0, 0, 0, 0]),
    h.make_node('Relu', ['c2'], ['r2']),
    h.make_node('Transpose', ['r2'], ['last'], perm=[0, 2, 3, 1]),
    h.make_node('Shape', ['last'], ['shape']),
    h.make_node('Cast', ['shape'], ['shape32'], to=T.INT32),
    h.make_node('Slice', ['shape32', 'from', 'to', 'from'], ['samples']),
    h.make_node('Cast', ['samples'], ['samples64'], to=T.INT64),
    h.make_node('Concat', ['samples64', 'minus'], ['flat']),
    h.make_node('Reshape', ['last', 'flat'], ['f']),
    h.make_node('MatMul', ['f', 'w3'], ['m']),
    h.make_node('Add', ['m', 'b3'], ['z']),
    h.make_node('Softmax', ['z'], ['y'], axis=-1),
]
nodes[13].attribute.append(h.make_attribute('axis', 0))
ints = lambda name, *v: h.make_tensor(name, T.INT64, [len(v)], list(v))
inits = [const('scale', torch.tensor(1 / 3.)), const('w1', w1), const('b1', b1.reshape(1, 2, 1, 1)), const('w2', w2), const('b2', b2),
         const('w3', w3), const('b3', b3), ints('pads', 0, 0, 1, 1, 0, 0, 2, 2),
         ints('from', 0), ints('to', 1), ints('minus', -1)]
x = rnd(1, 6, 6, 3)
planes = x.permute(0, 3, 1, 2) / 3
c1 = F.relu(F.conv2d(F.pad(planes, (0, 1, 0, 1)), w1, b1, stride=2))
c2 = F.relu(F.conv2d(F.pad(c1, (1, 2, 1, 2)), w2, b2, stride=2))
save('keras', graph_of('keras', nodes, inits, ['N', 6, 6, 3], 4), x.permute(0, 3, 1, 2), c2.permute(0, 2, 3, 1).reshape(1, -1) @ w3 + b3)

# normalised.onnx: mean and deviation by channel before a conv without padding, in an old form; Gemm with alpha and beta.
w1, w2, b2 = rnd(2, 3, 2, 2), rnd(2 * 2 * 2, 3), rnd(3)
mean, dev = torch.tensor([.485, .456, .406]), torch.tensor([.229, .224, .225])
nodes = [
    h.make_node('Sub', ['x', 'mean'], ['s']),
    h.make_node('Div', ['s', 'dev'], ['d']),
    h.make_node('Conv', ['d', 'w1'], ['c']),
    h.make_node('Relu', ['c'], ['r']),
    h.make_node('Dropout', ['r'], ['o', 'mask'], ratio=0.25),
    h.make_node('Flatten', ['o'], ['f']),
    h.make_node('Gemm', ['f', 'w2', 'b2'], ['z'], alpha=0.5, beta=2.0),
    h.make_node('LogSoftmax', ['z'], ['y']),
]
inits = [const('mean', mean.reshape(1, 3, 1, 1)), const('dev', dev.reshape(3, 1, 1)), const('w1', w1), const('w2', w2), const('b2', b2)]
x = rnd(1, 3, 3, 3)
c = F.relu(F.conv2d((x - mean.reshape(3, 1, 1)) / dev.reshape(3, 1, 1), w1))
save('normalised', graph_of('normalised', nodes, inits, [-1, 3, 3, 3], 3, opset=9), x, 0.5 * (c.reshape(1, -1) @ w2) + 2 * b2)
