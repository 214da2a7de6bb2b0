"""Makes the networks that come along: `python -m lstmviz.demo.training.train`.

Imports the engine. Begin with `train`; `grammar` and `corpus` make the reviews, `bptt` and
`learn` train on them, `evaluate` chooses.
"""
