"""Prints what each way of running the sentence encoder costs and how far its vectors lie from torch's in float32.

python -m tests.bench.backends ITEMS.jsonl [--threads 1 2] [--rounds 5] [--only NAME ...]

Each line of the file is an object with a `title` and a `summary`. Each back end runs in a process of its own, and they
take turns within a round, so that whatever else the machine does weighs on all of them: read the ratios, not the
times. A back end whose package is absent is left out with a line that says so.
"""
# ruff: noqa: PLC0415 - a process imports its own back end only: the others would count in its memory

import argparse
import contextlib
import copy
import importlib.metadata
import itertools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.infra.encoder import packaged_folder, verify

Array = NDArray[Any]
Infer = Callable[[Array, Array], Array]
"""Token ids and mask, each (texts, tokens), to pooled vectors (texts, dimensions), of any length."""

BATCH, BULK, SINGLES, JUDGED, WATCHES = 32, 64, 16, 256, 100
SHARED, HEADS, WIDTH, SPANS, LONGEST = 4, 12, 384, 3, 256
BASE, LOOP = "torch fp32", "encode() + cos_sim"
HEADER = (
    f"{'back end':30} {'texts/s':>7} {'1 text':>7} {'batched':>7} {'single':>7} {'vs 1by1':>7} {'tok %':>5} "
    f"{'cos mean':>8} {'cos min':>8} {'max dcos':>8} {'rank':>4} {'RSS MB':>6} {'+MB':>4} {'start s':>7}"
)
LEGEND = """
texts/s, 1 text   median texts a second in batches of 32 sorted by length; median milliseconds for one text
batched, single   how many times the speed of `torch fp32` at the same task, in the same round (median)
vs 1by1           speed batched over the speed of `torch fp32` one text at a time
tok %             share of the batched time that the tokenizer takes
cos               each text's vector against that of `torch fp32`; `max dcos`: how far its cosine to a watch moves
rank              the most places that a watch moves among 100, ordered by cosine to a text
RSS, +MB, start   peak resident memory; what its packages add on disk to those that the daemon has; seconds to ready"""


def _hub_model(kind: str = "sdpa") -> Any:
    """The model as transformers builds it."""
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    return AutoModel.from_pretrained(packaged_folder(), attn_implementation=kind).eval()


def _hub(kind: str = "sdpa", dtype: str = "float32", special: str = "") -> Infer:
    import torch

    model = _hub_model(kind).to(getattr(torch, dtype))
    if special == "int8":
        model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    if special == "flag":
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"  # type: ignore[attr-defined]

    def forward(ids: Any, mask: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=special == "autocast"):
            return _pool(model(input_ids=ids, attention_mask=mask)[0], mask)

    return _torch(forward, torch.inference_mode)


def _own(dtype: str = "float32", *, compiled: bool = False, int8: bool = False, **options: bool) -> Infer:
    """The forward pass written out in `_lean`."""
    import torch

    model = _lean(dtype=dtype, **options)
    if int8:
        from torchao.quantization import Int8DynamicActivationInt8WeightConfig, quantize_

        quantize_(model, Int8DynamicActivationInt8WeightConfig())
    elif compiled:
        torch._inductor.config.freezing = True  # which takes place under no_grad only
    model = torch.compile(model, dynamic=True) if compiled else model
    return _torch(model, torch.no_grad if compiled else torch.inference_mode)


def _torch(forward: Callable[[Any, Any], Any], mode: Callable[[], Any]) -> Infer:
    import torch

    def infer(ids: Array, mask: Array) -> Array:
        with mode():
            found = forward(torch.from_numpy(ids), torch.from_numpy(mask))
        pooled = found[0] if isinstance(found, tuple) else found
        return np.asarray(pooled.detach().float().numpy())

    return infer


def _pool(hidden: Any, mask: Any) -> Any:
    weight = mask.unsqueeze(-1).float()
    return (hidden.float() * weight).sum(1) / weight.sum(1)


def _lean(*, dtype: str = "float32", branches: bool = False, packed: bool = False) -> Any:  # noqa: C901 - two classes
    """The same network in plain torch: products in `dtype`; sums, norms and pooling in float32.

    With `branches`, layers 5 and 6 run twice on the output of layer 4: as they are, pooled to the sentence's vector,
    and as copies with other weights, whose tokens are pooled over three spans and fed to two small heads. `packed`
    lays the weights out once as oneDNN wants them (private operators of torch).
    """
    import torch
    from torch import nn
    from torch.nn import functional

    inner = getattr(torch, dtype)
    ops = torch.ops.mkldnn

    class Packed(nn.Module):
        def __init__(self, line: Any) -> None:
            super().__init__()
            self.weight, self.bias = ops._reorder_linear_weight(line.weight.detach(), None), line.bias.detach()

        def forward(self, h: Any) -> Any:
            return ops._linear_pointwise(h, self.weight, self.bias, "none", [], "")

    class Layer(nn.Module):
        def __init__(self, bert: Any) -> None:
            super().__init__()
            own, out, up, down = bert.attention.self, bert.attention.output, bert.intermediate.dense, bert.output
            parts = (own.query, own.key, own.value)
            self.qkv = nn.Linear(WIDTH, 3 * WIDTH, dtype=inner)
            self.qkv.weight.data = torch.cat([part.weight.data for part in parts]).to(inner)
            self.qkv.bias.data = torch.cat([part.bias.data for part in parts]).to(inner)
            self.out, self.up, self.down = (copy.deepcopy(line).to(inner) for line in (out.dense, up, down.dense))
            if packed:
                self.qkv, self.out, self.up, self.down = map(Packed, (self.qkv, self.out, self.up, self.down))
            self.first, self.second = copy.deepcopy(out.LayerNorm), copy.deepcopy(down.LayerNorm)

        def forward(self, h: Any, bias: Any) -> Any:
            rows, tokens, _ = h.shape
            qkv = self.qkv(h.to(inner)).view(rows, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=bias)
            h = self.first(h + self.out(seen.transpose(1, 2).reshape(rows, tokens, WIDTH)))
            return self.second(h + self.down(functional.gelu(self.up(h.to(inner)))))

    class Lean(nn.Module):
        def __init__(self, bert: Any) -> None:
            super().__init__()
            words = bert.embeddings
            self.words, self.norm = words.word_embeddings, words.LayerNorm
            places = words.position_embeddings.weight.data + words.token_type_embeddings.weight.data[0]
            self.register_buffer("places", places)
            self.layers = nn.ModuleList(Layer(layer) for layer in bert.encoder.layer)
            if branches:
                self.tuned = nn.ModuleList(Layer(layer) for layer in bert.encoder.layer[SHARED:])
                for layer in self.tuned:
                    layer.first.weight.data += 0.01 * torch.randn(WIDTH)
                self.kind, self.part = nn.Linear(WIDTH, 18), nn.Linear(2 * WIDTH, 8)

        def forward(self, ids: Any, mask: Any) -> Any:
            h = self.norm(self.words(ids) + self.places[: ids.shape[1]])
            bias = ((1.0 - mask[:, None, None, :].float()) * -10_000.0).to(inner)
            for layer in self.layers[:SHARED]:
                h = layer(h, bias)
            plain = h
            for layer in self.layers[SHARED:]:
                plain = layer(plain, bias)
            pooled = _pool(plain, mask)
            if not branches:
                return pooled
            for layer in self.tuned:
                h = layer(h, bias)
            # Stand-ins for names: each span takes every third token.
            at = torch.arange(ids.shape[1])
            spans = torch.stack([(at % SPANS == span).float() for span in range(SPANS)]) * mask[:, None, :].float()
            named = (spans @ h) / spans.sum(-1, keepdim=True).clamp(min=1.0)
            whole = _pool(h, mask)
            both = torch.cat([named, whole[:, None, :].expand(-1, SPANS, -1)], -1)
            return pooled, self.kind(whole), self.part(both)

    return Lean(_hub_model()).eval()


def _loop() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(packaged_folder()), device="cpu", local_files_only=True)


def _onnxruntime(name: str) -> Infer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_exported(name), options, providers=["CPUExecutionProvider"])
    return lambda ids, mask: np.asarray(session.run(None, {"ids": ids, "mask": mask})[0])


def _openvino(name: str, precision: str) -> Infer:
    import openvino

    threads = int(os.environ["OMP_NUM_THREADS"])
    settings = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    request = openvino.compile_model(_exported(name), "CPU", settings).create_infer_request()
    return lambda ids, mask: np.array(request.infer({"ids": ids, "mask": mask})[0])


def _exported(name: str) -> str:
    return str(Path(os.environ["BENCH_EXPORTED"]) / f"{name}.onnx")


def _export(folder: Path) -> None:
    """Write the ONNX files."""
    import torch

    class Hub(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = _hub_model("eager")

        def forward(self, ids: Any, mask: Any) -> Any:
            return _pool(self.model(input_ids=ids, attention_mask=mask)[0], mask)

    ids = torch.randint(5, 900, (3, 17))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    for name, model in (("plain", _lean()), ("branches", _lean(branches=True)), ("hub", Hub().eval())):
        axes = {given: {0: "texts", 1: "tokens"} for given in ("ids", "mask")}
        options: dict[str, Any] = {
            "input_names": list(axes),
            "dynamic_axes": axes,
            "opset_version": 17,
            "dynamo": False,
        }
        torch.onnx.export(model, (ids, mask), folder / f"{name}.onnx", **options)
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    quantize_dynamic(folder / "plain.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8, per_channel=True)
    fused = optimizer.optimize_model(str(folder / "hub.onnx"), "bert", num_heads=HEADS, hidden_size=WIDTH)
    fused.save_model_to_file(str(folder / "fused.onnx"))


_ONNX, _VINO = ("onnxruntime", "flatbuffers", "protobuf"), ("openvino", "openvino-telemetry")
BACK_ENDS: dict[str, tuple[tuple[str, ...], Callable[[], Any]]] = {
    LOOP: ((), _loop),
    BASE: ((), _hub),
    "torch fp32 eager attention": ((), lambda: _hub("eager")),
    "torch fp32 mkldnn bf16 flag": ((), lambda: _hub(special="flag")),
    "torch bf16": ((), lambda: _hub(dtype="bfloat16")),
    "torch bf16 autocast": ((), lambda: _hub(special="autocast")),
    "torch int8 dynamic": ((), lambda: _hub(special="int8")),
    "torchao int8 compiled": (("torchao",), lambda: _own(compiled=True, int8=True)),
    "own fp32": ((), _own),
    "own fp32 branches": ((), lambda: _own(branches=True)),
    "own fp32 compiled": ((), lambda: _own(compiled=True)),
    "own bf16": ((), lambda: _own("bfloat16")),
    "own bf16 branches": ((), lambda: _own("bfloat16", branches=True)),
    "own bf16 packed": ((), lambda: _own("bfloat16", packed=True)),
    "own bf16 packed branches": ((), lambda: _own("bfloat16", packed=True, branches=True)),
    "own bf16 compiled": ((), lambda: _own("bfloat16", compiled=True)),
    "onnxruntime fp32": (_ONNX, lambda: _onnxruntime("plain")),
    "onnxruntime fp32 fused": (_ONNX, lambda: _onnxruntime("fused")),
    "onnxruntime fp32 branches": (_ONNX, lambda: _onnxruntime("branches")),
    "onnxruntime int8 dynamic": (_ONNX, lambda: _onnxruntime("int8")),
    "openvino fp32": (_VINO, lambda: _openvino("plain", "f32")),
    "openvino bf16": (_VINO, lambda: _openvino("plain", "bf16")),
    "openvino bf16 branches": (_VINO, lambda: _openvino("branches", "bf16")),
}


class Subject:
    """A back end, its tokenizer and the texts."""

    def __init__(self, name: str, texts: list[str]) -> None:
        from tokenizers import Tokenizer

        warnings.simplefilter("ignore")
        self.texts = texts
        self.tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
        self.tokenizer.enable_truncation(LONGEST)
        self.tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
        self.bulk = sorted(texts[:: max(1, len(texts) // BULK)][:BULK], key=len)
        self.singles = self.bulk[:: max(1, len(self.bulk) // SINGLES)]
        self.watches = np.random.default_rng(7).standard_normal((WATCHES, WIDTH)).astype(np.float32)
        self.tokenizing = 0.0
        made = BACK_ENDS[name][1]()
        run = self._encode if name == LOOP else self._infer
        self.embed: Callable[[list[str]], Array] = lambda texts: run(made, texts)
        for _ in range(2):
            self.run("single")
        self.run("bulk")

    def _encode(self, model: Any, texts: list[str]) -> Array:
        from sentence_transformers.util import cos_sim

        vectors = np.asarray(model.encode(texts, batch_size=BATCH, show_progress_bar=False))
        cos_sim(vectors, self.watches)
        return vectors

    def _infer(self, infer: Infer, texts: list[str]) -> Array:
        rows = []
        for start in range(0, len(texts), BATCH):
            before = time.perf_counter()
            coded = self.tokenizer.encode_batch_fast(texts[start : start + BATCH])
            ids = np.array([code.ids for code in coded], dtype=np.int64)
            mask = np.array([code.attention_mask for code in coded], dtype=np.int64)
            self.tokenizing += time.perf_counter() - before
            rows.append(infer(ids, mask))
        vectors = np.concatenate(rows).astype(np.float32, copy=False)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        _ = vectors @ self.watches.T
        return vectors

    def run(self, task: str) -> dict[str, float]:
        self.tokenizing = 0.0
        before = time.perf_counter()
        if task == "bulk":
            self.embed(self.bulk)
            seconds = (time.perf_counter() - before) / len(self.bulk)
            return {"each": seconds, "tokens": self.tokenizing / len(self.bulk) / seconds}
        times = [time.perf_counter()]
        for text in self.singles:
            self.embed([text])
            times.append(time.perf_counter())
        laps = [after - before for before, after in itertools.pairwise(times)]
        return {"each": statistics.median(laps), "mean": statistics.mean(laps)}

    def vectors(self, path: Path) -> None:
        np.save(path, self.embed(sorted(self.texts[:: max(1, len(self.texts) // JUDGED)], key=len)))


def _serve(name: str, texts: list[str]) -> None:
    """Answer the parent's tasks, a line each, until it hangs up."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    before = time.perf_counter()
    try:
        subject = Subject(name, texts)
        answer: dict[str, Any] = {"start": time.perf_counter() - before}
    except Exception as error:  # noqa: BLE001 - one back end that fails mustn't end the table
        answer = {"absent": f"{type(error).__name__}: {(str(error).strip() or '?').splitlines()[0][:150]}"}
    print(json.dumps(answer), file=answers, flush=True)
    for line in sys.stdin if "start" in answer else ():
        task, _, path = line.strip().partition(" ")
        if task == "vectors":
            subject.vectors(Path(path))
        answer = {"peak": _peak()} if task in {"vectors", "peak"} else subject.run(task)
        print(json.dumps(answer), file=answers, flush=True)


def _peak() -> float:
    """The most megabytes this process held, where Linux says so; 0 elsewhere."""
    status = Path("/proc/self/status")
    match = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii")) if status.exists() else None
    return int(match[1]) / 1024 if match else 0.0


class Worker:
    """The parent's end of one back end's process."""

    def __init__(self, name: str, file: Path, threads: int, exported: Path) -> None:
        told = {"OMP_NUM_THREADS": str(threads), "BENCH_EXPORTED": str(exported)}
        env = {**os.environ, **told, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, "-m", "tests.bench.backends", str(file), "--serve", name]
        self.name = name
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process: Any = subprocess.Popen(command, env=env, text=True, **pipes)  # type: ignore[call-overload]
        self.hello = self._answer()
        self.times: dict[str, list[dict[str, float]]] = {"bulk": [], "single": []}

    def ask(self, task: str) -> dict[str, Any]:
        self.process.stdin.write(task + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        return dict(json.loads(line)) if line else {"absent": "its process died"}


def main() -> None:
    """Measure, print, and leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="lines of JSON, each with a title and a summary")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(BACK_ENDS), default=list(BACK_ENDS), metavar="NAME")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--export", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.export:
        _export(args.file)
        return
    if args.serve:
        _serve(args.serve, _texts(args.file))
        return
    verify(packaged_folder())
    _say(f"{platform.machine()}, {os.cpu_count()} cores, CPU flags of note: {' '.join(_flags()) or 'none'}")
    names = [BASE, *(name for name in args.only if name != BASE)]
    with tempfile.TemporaryDirectory() as folder:
        if any(name.startswith(("onnx", "openvino")) for name in names):
            command = [sys.executable, "-m", "tests.bench.backends", folder, "--export"]
            made = subprocess.run(command, check=False, capture_output=True, text=True)
            if made.returncode:
                _say("export: " + made.stderr.strip().rpartition("\n")[2])
        for threads in args.threads:
            _table(names, args.file, threads, args.rounds, Path(folder))
    _say(LEGEND)


def _table(names: Sequence[str], file: Path, threads: int, rounds: int, folder: Path) -> None:
    _say(f"\n{threads} thread{'s' * (threads > 1)}")
    workers = []
    for name in names:
        worker = Worker(name, file, threads, folder)
        workers += [worker] if "start" in worker.hello else []
        if "absent" in worker.hello:
            _say(f"left out: {name}: {worker.hello['absent']}")
    if not workers or workers[0].name != BASE:
        return
    for _ in range(rounds):
        for task, worker in itertools.product(("bulk", "single"), workers):
            worker.times[task].append(worker.ask(task))
    _say(HEADER)
    base = workers[0]
    for worker in workers:
        worker.ask(f"vectors {folder / worker.name}.npy")
        _say(_row(worker, base, np.load(folder / f"{worker.name}.npy"), np.load(folder / f"{BASE}.npy")))
        worker.process.communicate()


def _row(worker: Worker, base: Worker, rows: Array, truth: Array) -> str:
    bulk, single, slow, slow1 = (one.times[task] for one in (worker, base) for task in ("bulk", "single"))

    def ratio(mine: list[dict[str, float]], others: list[dict[str, float]], key: str = "each") -> float:
        return statistics.median(other[key] / one["each"] for one, other in zip(mine, others, strict=True))

    cosines = (rows * truth).sum(1)
    watches = truth[:: max(1, len(truth) // WATCHES)][:WATCHES]
    near, nearly = truth @ watches.T, rows @ rows[:: max(1, len(rows) // WATCHES)][:WATCHES].T
    moved = np.abs(near.argsort(axis=1).argsort(axis=1) - nearly.argsort(axis=1).argsort(axis=1))
    packages = BACK_ENDS[worker.name][0]
    return (
        f"{worker.name:30} {1 / statistics.median(one['each'] for one in bulk):7.0f} "
        f"{1e3 * statistics.median(one['each'] for one in single):7.2f} {ratio(bulk, slow):7.2f} "
        f"{ratio(single, slow1):7.2f} {ratio(bulk, slow1, 'mean'):7.2f} "
        f"{100 * statistics.median(one['tokens'] for one in bulk):5.1f} "
        f"{cosines.mean():8.5f} {cosines.min():8.5f} {np.abs(near - nearly).max():8.5f} {int(moved.max()):4} "
        f"{worker.ask('peak')['peak']:6.0f} {sum(_installed(package) for package in packages):4.0f} "
        f"{worker.hello['start']:7.1f}"
    )


def _installed(package: str) -> float:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return sum(file.size or 0 for file in importlib.metadata.files(package) or ()) / 1e6
    return 0.0


def _flags() -> list[str]:
    """What the CPU says of short floats and integers, in Linux's words."""
    about = Path("/proc/cpuinfo")
    said = about.read_text(encoding="utf-8", errors="replace").split() if about.exists() else []
    wanted = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "bf16", "i8mm")
    return [flag for flag in wanted if flag in said]


def _texts(file: Path) -> list[str]:
    items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [f"{item['title']}. {item.get('summary', '')}".strip() for item in items]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
