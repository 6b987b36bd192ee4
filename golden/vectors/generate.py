"""Golden-vector generator (PyTorch, float64, autograd only -- no hand-written backward formulas).
The DFA-family rules are produced with *local* autograd: every hidden activation is detached, and the local graph is
run backward from the injected teaching signal (error at o_i, BEFORE f'), so f', BN and dropout Jacobians come from autograd.
Writes the 52 .npz files of golden/vectors beside this script, or into the folder named as the first argument:
    python3 golden/vectors/generate.py [folder]
A second run writes the same bytes."""
import io, json, os, sys, zipfile
import numpy as np
import torch, torch.nn.functional as F
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
def save(name, d):
    # deterministic npz (fixed timestamps), stored with deflate
    with zipfile.ZipFile(os.path.join(OUT, name+'.npz'), 'w', zipfile.ZIP_DEFLATED) as z:
        for k in sorted(d):
            v = d[k]; v = v.detach().numpy() if torch.is_tensor(v) else np.asarray(v)
            b = io.BytesIO(); np.lib.format.write_array(b, np.ascontiguousarray(v), allow_pickle=False)
            zi = zipfile.ZipInfo(k+'.npy', (1980, 1, 1, 0, 0, 0)); zi.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(zi, b.getvalue())
def gen(seed): return torch.Generator().manual_seed(seed)
def rn(g, *s): return torch.randn(*s, generator=g)
ACT = dict(relu=F.relu, tanh=torch.tanh, sigmoid=torch.sigmoid)
def eq7(W):                       # W_i: [N_i, N_{i-1}] (paper orientation). D_i = W_L ... W_{i+1}: [N_L, N_i], i = 0..L-1
    L = len(W); D = [None]*L; P = None
    for i in range(L-1, -1, -1):
        P = W[i] if P is None else P @ W[i]
        D[i] = P.clone()
    return D
def sgn(x): return torch.where(x >= 0, torch.ones_like(x), -torch.ones_like(x))   # sign(0) = +1 (one bit)
def fc_errors(x, y, W, b, rule, act='relu', D=None, R=None, bn=None, mask=None, need0=False):
    """returns a,o,logits,loss,e(list 1..L; e[0]=error at o_0 if need0),gW,gb (autograd, mean-reduced CE)"""
    L = len(W); f = ACT[act]
    W = [w.clone().requires_grad_() for w in W]; b = [t.clone().requires_grad_() for t in b]
    gam = [t.clone().requires_grad_() for t in bn[0]] if bn else None
    bet = [t.clone().requires_grad_() for t in bn[1]] if bn else None
    local = rule not in ('bp',)
    x = x.clone().requires_grad_()
    o = [x]; a = [None]; entry = [None]*(L+1); inp = [x]
    for i in range(L):
        src = inp[-1]
        ai = F.linear(src, W[i], b[i]); ai.retain_grad(); a.append(ai)
        if i < L-1:
            h = ai
            if bn: h = F.batch_norm(h, None, None, gam[i], bet[i], training=True, eps=1e-5)
            h = f(h)
            if mask is not None: h = h*mask[i]
            o.append(h); entry[i+1] = h
            inp.append(h.detach().requires_grad_() if local else h)
        else: o.append(ai)
    loss = F.cross_entropy(o[-1], y); 
    loss.backward()
    eL = a[L].grad.clone(); t0 = None
    if local:
        for i in range(L-1, 0, -1):
            if rule == 'fa': t = a[i+1].grad @ R[i]            # R[i] has the shape of W[i] (N_{i+1} x N_i)
            elif rule == 'frozen': t = a[i+1].grad @ W[i].detach()
            else: t = eL @ D[i]
            entry[i].backward(t)
    e = [None]+[a[i].grad for i in range(1, L+1)]
    if need0:
        e[0] = {'bp': lambda: x.grad, 'fa': lambda: e[1] @ R[0], 'frozen': lambda: e[1] @ W[0].detach()}.get(rule, lambda: eL @ D[0])()
    r = dict(loss=loss, logits=o[-1])
    for i in range(1, L+1): r[f'a{i}'] = a[i]; r[f'e{i}'] = e[i]; r[f'gW{i}'] = W[i-1].grad; r[f'gb{i}'] = b[i-1].grad
    for i in range(1, L): r[f'o{i}'] = o[i]
    if bn:
        for i in range(L-1): r[f'ggam{i+1}'] = gam[i].grad; r[f'gbet{i+1}'] = bet[i].grad
    if need0: r['e0'] = e[0]
    return r
def step(P, V, G, lr, mu, wd):
    for k in P:
        g = G[k] + (wd*P[k] if P[k].dim() > 1 else 0)
        V[k] = mu*V[k]+g; P[k] = P[k]-lr*V[k]
dims = [12, 10, 8, 5]; L = 3; B = 6
index = {}
# ---- 1. MLP: every rule x activation, one step in full, + 50-step loss trajectory and final weights
for act in ('relu', 'tanh', 'sigmoid'):
    for rule in ('bp', 'fa', 'dfa_rand', 'dfa_eq7', 'bdfa_rand', 'bdfa_eq9', 'frozen'):
        g = gen(11); W = [rn(g, dims[i+1], dims[i])*(2/dims[i])**.5 for i in range(L)]; b = [rn(g, dims[i+1])*.1 for i in range(L)]
        R = [rn(g, *w.shape)*.3 for w in W]; D7 = eq7(W); Dr = [rn(g, *d.shape)*.4 for d in D7]
        x = rn(g, B, dims[0]); y = torch.randint(0, dims[-1], (B,), generator=g)
        scale = [2.0**torch.round(torch.log2(d.pow(2).mean().sqrt())) for d in D7]
        D = {'dfa_rand': Dr, 'dfa_eq7': D7, 'bdfa_rand': [sgn(d)*s for d, s in zip(Dr, scale)], 'bdfa_eq9': [sgn(d)*s for d, s in zip(D7, scale)]}.get(rule)
        d = dict(x=x, y=y, lr=0.05, mu=0.9, wd=5e-4, scale=torch.stack(scale))
        for i in range(L): d[f'W{i+1}'] = W[i]; d[f'b{i+1}'] = b[i]; d[f'R{i+1}'] = R[i]; d[f'D{i}'] = (D or D7)[i]
        r = fc_errors(x, y, W, b, rule, act, D, R, need0=True); d.update(r)
        P = {**{f'W{i+1}': W[i] for i in range(L)}, **{f'b{i+1}': b[i] for i in range(L)}}; V = {k: torch.zeros_like(v) for k, v in P.items()}
        losses = []
        for t in range(50):
            lr = 0.05*(0.1 if t >= 40 else 1)
            r = fc_errors(x, y, [P[f'W{i+1}'] for i in range(L)], [P[f'b{i+1}'] for i in range(L)], rule, act, D, R)
            losses.append(float(r['loss'])); step(P, V, {k: r['g'+k] for k in P} if rule != 'frozen' else {k: torch.zeros_like(v) for k, v in P.items()}, lr, .9, 0 if rule == 'frozen' else 5e-4)
            if t in (0, 49):
                for k in P: d[f't{t+1}_{k}'] = P[k]; d[f't{t+1}_V{k}'] = V[k]
        d['losses'] = np.array(losses)
        save(f'mlp_{act}_{rule}', d)
# ---- 2. FC + BN + dropout under DFA (injection at o_i, local Jacobians)
for rule in ('bp', 'bdfa_eq9'):
    g = gen(21); W = [rn(g, dims[i+1], dims[i])*(2/dims[i])**.5 for i in range(L)]; b = [torch.zeros(dims[i+1]) for i in range(L)]
    gam = [1+.1*rn(g, dims[i+1]) for i in range(L-1)]; bet = [.1*rn(g, dims[i+1]) for i in range(L-1)]
    mask = [(torch.rand(B, dims[i+1], generator=g) < .5).double()/.5 for i in range(L-1)]
    x = rn(g, B, dims[0]); y = torch.randint(0, dims[-1], (B,), generator=g); D = [sgn(t)*.25 for t in eq7(W)]
    d = dict(x=x, y=y); r = fc_errors(x, y, W, b, rule, 'relu', D, None, (gam, bet), mask, need0=True); d.update(r)
    for i in range(L): d[f'W{i+1}'] = W[i]; d[f'D{i}'] = D[i]
    for i in range(L-1): d[f'gam{i+1}'] = gam[i]; d[f'bet{i+1}'] = bet[i]; d[f'mask{i+1}'] = mask[i]
    save(f'fcbn_drop_{rule}', d)
# ---- 3. layer unit vectors
def unit(name, f, ins):
    ts = {k: v.clone().requires_grad_() for k, v in ins.items()}
    y = f(**ts); gy = rn(gen(77), *y.shape); y.backward(gy)
    d = {**ins, 'y': y, 'gy': gy}; d.update({'g_'+k: v.grad for k, v in ts.items()}); save(name, d)
g = gen(31)
for k, s, p in ((3, 1, 1), (3, 2, 1), (5, 1, 0), (7, 2, 0), (1, 1, 0)):
    unit(f'conv_k{k}s{s}p{p}', lambda x, w, b: F.conv2d(x, w, b, stride=s, padding=p), dict(x=rn(g, 2, 3, 9, 9), w=rn(g, 4, 3, k, k), b=rn(g, 4)))
unit('maxpool2', lambda x: F.max_pool2d(x, 2), dict(x=rn(g, 2, 3, 8, 8)))
unit('maxpool3s2', lambda x: F.max_pool2d(x, 3, 2), dict(x=rn(g, 2, 3, 9, 9)))
xt = torch.zeros(1, 1, 4, 4); xt[0, 0, 0, 1] = xt[0, 0, 1, 0] = 1.0; unit('maxpool2_ties', lambda x: F.max_pool2d(x, 2), dict(x=xt))   # ties: first in row-major order wins
unit('avgpool2', lambda x: F.avg_pool2d(x, 2), dict(x=rn(g, 2, 3, 8, 8)))
unit('linear', lambda x, w, b: F.linear(x, w, b), dict(x=rn(g, 4, 7), w=rn(g, 5, 7), b=rn(g, 5)))
rm, rv = torch.zeros(3), torch.ones(3)
unit('bn2d_train', lambda x, w, b: F.batch_norm(x, rm, rv, w, b, True, .1, 1e-5), dict(x=rn(g, 4, 3, 5, 5), w=rn(g, 3), b=rn(g, 3)))
save('bn2d_running', dict(rm=rm, rv=rv))
unit('bn2d_eval', lambda x, w, b: F.batch_norm(x, rm.clone(), rv.clone(), w, b, False, .1, 1e-5), dict(x=rn(g, 4, 3, 5, 5), w=rn(g, 3), b=rn(g, 3)))
for a in ACT: unit('act_'+a, lambda x: ACT[a](x), dict(x=torch.cat([rn(g, 20), torch.zeros(1), torch.tensor([30., -30.])])))
xl = rn(g, 5, 4)*3; xl[0, 0] = 80.0; yl = torch.randint(0, 4, (5,), generator=g)
t = xl.clone().requires_grad_(); l = F.cross_entropy(t, yl); l.backward(); save('softmax_ce', dict(x=xl, y=yl, loss=l, g=t.grad))
# ---- 4. tiny CNN: conv-BN-ReLU-conv-BN-ReLU-pool-FC-FC-FC with BP / CDFA / CBDFA (direct and via-W1) / conv-only, 3 SGD steps
for rule, e0 in (('bp', 'bp'), ('dfa_rand', 'direct'), ('dfa_eq7', 'direct'), ('bdfa_eq9', 'direct'), ('bdfa_eq9', 'via_w1'), ('bdfa_rand', 'direct'), ('frozen', 'conv_only')):
    g = gen(41); C = [2, 4, 4]; fd = [4*3*3, 8, 6, 5]
    P = {}
    for i in range(2): P[f'cw{i+1}'] = rn(g, C[i+1], C[i], 3, 3)*(2/(9*C[i]))**.5; P[f'gam{i+1}'] = torch.ones(C[i+1]); P[f'bet{i+1}'] = torch.zeros(C[i+1])
    for i in range(3): P[f'W{i+1}'] = rn(g, fd[i+1], fd[i])*(2/fd[i])**.5; P[f'b{i+1}'] = torch.zeros(fd[i+1])
    D7 = eq7([P[f'W{i+1}'] for i in range(3)]); Dr = [rn(g, *d.shape)*.3 for d in D7]
    D = {'dfa_rand': Dr, 'dfa_eq7': D7, 'bdfa_rand': [sgn(q)*.25 for q in Dr], 'bdfa_eq9': [sgn(q)*.25 for q in D7]}.get(rule)
    x = rn(g, B, 2, 6, 6); y = torch.randint(0, 5, (B,), generator=g)
    d = dict(x=x, y=y, **{'init_'+k: v for k, v in P.items()}); 
    if D: d.update({f'D{i}': D[i] for i in range(3)})
    V = {k: torch.zeros_like(v) for k, v in P.items()}; rm = [torch.zeros(4), torch.zeros(4)]; rv = [torch.ones(4), torch.ones(4)]
    for t in range(3):
        c = {k: P[k].clone().requires_grad_() for k in P if k[:2] == 'cw' or k[0] == 'g' or k[:3] == 'bet'}
        h = x
        for i in range(2): h = F.relu(F.batch_norm(F.conv2d(h, c[f'cw{i+1}'], padding=1), rm[i], rv[i], c[f'gam{i+1}'], c[f'bet{i+1}'], True, .1, 1e-5))
        z = F.max_pool2d(h, 2).flatten(1)
        r = fc_errors(z.detach(), y, [P[f'W{i+1}'] for i in range(3)], [P[f'b{i+1}'] for i in range(3)], rule, 'relu', D, None, need0=True)
        ez = r['e0'] if e0 != 'via_w1' else r['e1'] @ P['W1']
        z.backward(ez)
        G = {k: c[k].grad for k in c}
        for i in range(3): G[f'W{i+1}'] = r[f'gW{i+1}']; G[f'b{i+1}'] = r[f'gb{i+1}']
        if t == 0:
            d.update(z=z, ez=ez, loss=r['loss'], logits=r['logits'], **{'g_'+k: v for k, v in G.items()}, **{f'e{i}': r[f'e{i}'] for i in (1, 2, 3)})
        if rule == 'frozen': G = {k: v for k, v in G.items() if k in c}
        Q = {k: P[k] for k in G}; step(Q, V, G, .05, .9, 5e-4); P.update(Q)
    d.update({'t3_'+k: v for k, v in P.items()}, **{f't3_rm{i+1}': rm[i] for i in (0, 1)}, **{f't3_rv{i+1}': rv[i] for i in (0, 1)})
    save(f'cnn_{rule}_{e0}', d)
# ---- 5. alignment metrics
g = gen(51); A = rn(g, 7, 9); Bm = A*.5+rn(g, 7, 9)
cs = F.cosine_similarity(A, Bm, dim=1); save('align', dict(a=A, b=Bm, cos_rows=cs, angle_rows=torch.rad2deg(torch.acos(cs)), cos_flat=(A*Bm).sum()/A.norm()/Bm.norm(), angle_flat=torch.rad2deg(torch.acos((A*Bm).sum()/A.norm()/Bm.norm())), norm_ratio=Bm.norm()/A.norm()))
# ---- 6. integer vectors: rounding table, LFSR, BDFA adder, fixed-point step
v = np.arange(-40, 41, dtype=np.int64); sh = 3; rnd = np.arange(8, dtype=np.int64)
def near_away(v, s): return np.sign(v)*((np.abs(v)+(1 << (s-1))) >> s)
def near_even(v, s): return np.rint(v/(1 << s)).astype(np.int64)
def half_up(v, s): return (v+(1 << (s-1))) >> s
save('round_shift3', dict(v=v, away=near_away(v, sh), even=near_even(v, sh), half_up=half_up(v, sh), floor=v >> sh, trunc=np.sign(v)*(np.abs(v) >> sh), rnd=rnd, stoch=np.stack([(v+r) >> sh for r in rnd])))
def lfsr(taps, n, seed, N):
    s = seed; out = []; msk = (1 << n)-1
    for _ in range(N):
        out.append(s & 1); fb = 0
        for t in taps: fb ^= (s >> (n-t)) & 1
        s = (s >> 1) | (fb << (n-1)); s &= msk
    return np.array(out, np.uint8)
save('lfsr', dict(n16_taps_16_15_13_4_seedACE1=lfsr((16, 15, 13, 4), 16, 0xACE1, 256), n31_taps_31_28_seed1=lfsr((31, 28), 31, 1, 256), n32_taps_32_22_2_1_seedDEADBEEF=lfsr((32, 22, 2, 1), 32, 0xDEADBEEF, 256)))
rg = np.random.RandomState(5); eI = rg.randint(-32768, 32768, (4, 10)).astype(np.int64); bits = rg.randint(0, 2, (10, 16)); Bs = 2*bits-1
acc = eI @ Bs
save('bdfa_adder', dict(e=eI.astype(np.int16), bits=bits.astype(np.uint8), acc=acc.astype(np.int32), shr3_floor=np.clip(acc >> 3, -32768, 32767).astype(np.int16), shr3_away=np.clip(near_away(acc, 3), -32768, 32767).astype(np.int16), sat16=np.clip(acc, -32768, 32767).astype(np.int16)))
X = rg.randint(-2000, 2000, (32, 24)).astype(np.int64); E = rg.randint(-3000, 3000, (32, 8)).astype(np.int64); Wq = rg.randint(-8000, 8000, (8, 24)).astype(np.int64); Vq = rg.randint(-300, 300, (8, 24)).astype(np.int64); rr = rg.randint(0, 1 << 15, (2, 8, 24))
G = E.T @ X; Gs = near_away(G, 10+5)                      # acc frac 24 -> velocity frac 14 and /32
mu = 58982                                                # 0.9 in Q0.16
Vn = (mu*Vq+(Gs << 16)+ (rr[0] << 1)) >> 16               # stochastic rounding with a 15-bit word scaled to 16 bits
Vn = np.clip(Vn, -32768, 32767); Wn = np.clip(Wq-((Vn+ (rr[1] & 0x7f)) >> 7), -32768, 32767)   # lr = 2^-5, vel frac 14 -> w frac 12: shift 7, stochastic
save('fixed_step', dict(x=X.astype(np.int16), e=E.astype(np.int16), w=Wq.astype(np.int16), v=Vq.astype(np.int16), rnd=rr.astype(np.uint16), gacc=G.astype(np.int64), g=Gs.astype(np.int32), v1=Vn.astype(np.int16), w1=Wn.astype(np.int16)))
tot = sum(os.path.getsize(os.path.join(OUT, f)) for f in os.listdir(OUT) if f.endswith('.npz'))
print(len([f for f in os.listdir(OUT) if f.endswith('.npz')]), 'files', tot, 'bytes')
