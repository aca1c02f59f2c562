"""How the weights that travel with the package are made. Needs torch.

The reader (qa/reader.py): `python -m qa.training FOLDER --out FOLDER`, some hours on two cores.

recipe.py    every number that was chosen, read from recipe.toml
corpus.py    the questions, the abstracts, and which are kept out
made.py      questions made from sentences of open abstracts, to practise on
samples.py   what one pass is asked and should say; abstracts thinned, evidence taken out, other papers
network.py   the encoder and its heads
fitting.py   losses and the optimiser's loop
export.py    int8 ONNX and its checksum
judging.py   figures on questions that nothing was fitted to
pipeline.py  all of it in order

projection.py fits the projection of word vectors (qa/minilm.py), by itself.

The folder holds `training/questions.jsonl` and `arxiv/*.jsonl.gz`. Left out on purpose: dropout, which
costs a quarter of the time on a processor, and anything that needs a GPU.
"""
