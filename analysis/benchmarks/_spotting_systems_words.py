"""What the table of spotting systems says, in words; written after looking at it."""

READING = """\
## Which to use

* **The default (`position_anchors`)** for matches with positions. It learned from the same kind of halves, but
  reads where each person stands in place of counts of people in cells, and had ten minutes of training in place
  of one or two.
* **`netvlad_pp`** of the published systems, when half a minute is near enough; **`transformer`** when seconds
  matter: nearly the same loose, the best tight, and half the time of a half. Both come with weights. `rmsnet`
  finds direct free kicks and goals best and is the quickest, but its seeds differ by 7 points.
* On broadcast pictures with SoccerNet's features go by the published order below; all can be trained on them
  (docs/reproduce.md). What is measured here are simulated matches and no pictures. What learns from films is in
  spotting_films.md: after minutes of training pictures find little, with sound more.
* **Ensembles.** The recipe `ensemble` (default, `netvlad_pp` and `transformer`; weights of every class chosen
  on 16 halves of seeds 11 to 18) is no better than the default alone on these halves and costs six times as
  much: use the default. Two about equally good ones, weighed in the same way (`netvlad_pp_and_transformer`):
  39.3 loose and 22.3 tight, alone 38.7 and 16.0, 37.5 and 21.2 (seed 0 of each): the best of both and little
  more.

## The order, and the published one

Published on SoccerNet-v2: MaxPool 18.6, NetVLAD 31.4, CALF 40.7, NetVLAD++ 53.4, RMS-Net 63.5, transformers and
dense anchors above. Here every system had minutes of one processor core, its paper hours on a GPU. The best
single published system beats plain CALF by far more than 15 points. What stands elsewhere, and why:

* CALF is last: its slots must find their events by position before they learn what happens, which takes the
  published protocol hundreds of thousands of clips, and it reads no positions. With half as many steps again
  one seed came to 13.4, with raw vectors to 2.3.
* NetVLAD is behind MaxPool: the vectors are few and say what they mean, so one maximum is much.
* Dense anchors read the raw vectors: 26.6 with the seed whose weights are bundled, 18.9 and 17.4 with two
  others; behind 128 components one seed came to 17.6, so that raw vectors do better is not shown. Two U-nets
  learned with sharpness-aware steps are the most work a step of all, and 500 steps (two minutes of processor
  time) are too few for them: the loss still fell.
* `uglf` had 500 steps of 8 clips (a minute and a half of processor time) for an attention and a recurrent
  network over raw people: it is under all window systems, where its paper is above E2E-Spot.
* Systems that judge windows are blunt (tight), as their papers say.

The calibration branch (`calf_calibration`: one network for fuzzy classes on `picture_layout`, one for patterned
classes that reads `pitch_layout` in a fully connected branch, parts `fuzzy` and `fcl-layout`) against plain
CALF, equal steps for each network, three seeds: the eight patterned classes gain 6.2 points (3.3 to 9.5), the
nine fuzzy ones 6.4 (9.4 to 15.8), though fouls lose 7. What the fuzzy ones gain is owed to a network of their
own, and most of what the patterned ones gain, too (calf_branches.md)."""

_PARTS = (
    (
        "part",
        "where",
        "a step",
        "what dominated",
        "what was done",
    ),
    (
        "sharpness-aware steps",
        "`dense_anchors`, 16 chunks of 224 rows",
        "206, without 101",
        "two passes a step, in each 65 % convolutions of the U-net",
        "kept, as published; the small U-net has a quarter of the channels",
    ),
    (
        "fused attention",
        "`dense_anchors`, part `transformer`",
        "573, without sharpness 290",
        "66 % attention, five sixths of that backward",
        "plain products in place of the fused kernel gain 5 %: left",
    ),
    (
        "fused attention",
        "`transformer`, 96 windows",
        "37",
        "39 % attention, 19 % GELU",
        "nothing",
    ),
    (
        "gate shift",
        "`e2e_spot`, 2 clips of 32 pictures of 224 x 128",
        "473, without the shift 193",
        "gradients of slices: whole tensors of zeros, added up",
        "splits and padding in place of slices: 394",
    ),
    (
        "graph convolution",
        "GCN branch, 8 clips of 240 rows, 1138 of them known, 18 people each",
        "830",
        "21 % products, 16 % dropout, 12 % norms; neighbours only 6 %, since softmax over them is two batched products",
        "a gradient of the mean over neighbours that keeps four arrays, dropout's factors as integers: 670; half as "
        "many graphs (part `gcn-second`): 355; what is left is products and norms, compiling gained nothing",
    ),
    (
        "three-dimensional convolutions",
        "3-D branch, 8 clips of 240 views of 64 x 32",
        "335",
        "60 % convolutions, 11 % reordered copies, 11 % maxima",
        "two dimensions with channels innermost, black views once, time as pictures one pixel high: 210, now at the "
        "speed of products",
    ),
    (
        "entity attention",
        "`uglf`, 8 clips of 48 rows",
        "231",
        "feed-forward parts and dropout over 32 places, most of them empty or not kept",
        "kept ones packed to the front, as many places as the fullest frame needs: 79 on graphs of up to six people",
    ),
    (
        "spatial attention",
        "`comedian`, 2 clips of 32 pictures",
        "32",
        "28 % products, 27 % making pictures small",
        "pictures are read as small as they are used",
    ),
)
COST = """\
## What the costly parts cost

Processor milliseconds of one training step on one thread (forward and backward, 16 bits where that is on),
torch's own profiler for the parts; a machine that did other things too, so about a tenth is noise.

""" + "\n".join(
    f"| {' | '.join(row)} |" + ("\n" + "|---" * len(row) + "|" if row is _PARTS[0] else "")
    for row in _PARTS
)
