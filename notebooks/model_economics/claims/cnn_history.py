"""Verdicts on the history of image models, claims C24 to C32.

C23 and C33 compare image models with language models; chapter 03 decides them.
``cnn`` is the table ``cnn_models``, ``transfer`` the table ``cnn_transfer``.
"""

import pandas as pd

from model_economics import layers, sizes
from model_economics.claims import Verdict

CLAIMED_RATIO = 100
GIGABYTE_MB = 1000
NEAR_VGG_POINTS = 3
MIDDLE_M = (20, 60)
# First years of the periods in which sizes are compared, and the year after the last.
PERIODS = (2012, 2015, 2017, 2020, 2023)


def verdicts(cnn, transfer, periods=PERIODS):
    """All verdicts of the chapter, in the order of the claims; periods as in ``c29``."""
    return [c24(cnn), c25(cnn), c26(cnn), c27(cnn), c28(cnn), c29(cnn, periods), c30(cnn),
            c31(cnn, transfer), c32()]  # fmt: skip


def c24(cnn):
    """AlexNet opened a growth of size."""
    first = cnn.sort_values("released_on").iloc[0]
    until_vgg = cnn[cnn["released_on"] <= _net(cnn, "vgg-19")["released_on"]]
    growth = until_vgg["params_m"].max() / first["params_m"]
    months = sizes.months_since_first(until_vgg["released_on"]).max()
    grew = first["family"] == "AlexNet" and growth > 1.5
    return Verdict(
        "C24",
        "holds with a caveat" if grew else "not supported",
        f"{growth:.1f}× from AlexNet to VGG-19, in {months:.0f} months",
        "The largest network grew after AlexNet, while Network in Network, of December 2013, was "
        "smaller; the table starts with AlexNet and cannot show what came before.",
        "computed",
        "ch02-timeline",
    )


def c25(cnn):
    """VGG was a large network of high performance."""
    vgg = _net(cnn, "vgg-19")
    known = cnn[cnn["released_on"] <= "2014-12-31"]
    largest = known["params_m"].max() <= vgg["params_m"] * 1.001
    lead = vgg["top1_pct"] - _net(cnn, "alexnet")["top1_pct"]
    return Verdict(
        "C25",
        "reproduced" if largest and lead > 5 else "not supported",
        f"{vgg['params_m']:.1f} M parameters, {lead:.1f} points above AlexNet",
        "No network of the table up to the end of 2014 is larger, and in the same protocol it "
        "beats AlexNet.",
        "computed",
        "ch02-timeline",
    )


def c26(cnn):
    """From 2015 sizes began to fall."""
    vgg = _net(cnn, "vgg-11")
    comparable = sizes.comparable_networks(cnn)
    fall = sizes.record_holders(comparable, threshold=vgg["top1_pct"] - NEAR_VGG_POINTS)
    fall = fall[fall["params_m"] < vgg["params_m"] / 2].iloc[0]
    days = (fall["released_on"] - vgg["released_on"]).days
    return Verdict(
        "C26",
        "reproduced" if fall["released_on"].year == 2015 else "partly",
        f"{fall['released_on']:%B %Y}, {days} days after VGG",
        "The fall is real and began a year earlier: the first network of VGG's quality at less "
        "than half its size was public in the month of VGG's own paper.",
        "computed",
        "ch02-timeline",
    )


def c27(cnn):
    """GoogLeNet cut size from gigabytes to megabytes, 100 times, in 2015, at good accuracy."""
    google, vgg = _net(cnn, "googlenet-caffe"), _net(cnn, "vgg-16")
    before = cnn[cnn["released_on"] < "2016-01-01"]
    largest_mb = before["weights_file_mb"].max()
    ratio = vgg["params_m"] / google["params_m"]
    points = _net(cnn, "vgg-16")["top1_pct"] - _net(cnn, "googlenet")["top1_pct"]
    parts = {
        "the ratio": ratio >= CLAIMED_RATIO,
        "gigabytes": largest_mb >= GIGABYTE_MB,
        "the year": google["released_on"].year == 2015,
        "the accuracy": points <= NEAR_VGG_POINTS,
    }
    holds = [part for part, true in parts.items() if true]
    verdict = {0: "not supported", 1: "not supported", 4: "reproduced"}.get(len(holds), "partly")
    return Verdict(
        "C27",
        verdict,
        f"{ratio:.1f}× by parameters (claimed {CLAIMED_RATIO}×)",
        f"Parts that hold, of four: {', '.join(holds) or 'none'}. The year is "
        f"{google['released_on'].year}, the largest weight file of the table before 2016 has "
        f"{largest_mb:.0f} MB, and top-1 is {points:.1f} points below VGG-16.",
        "computed",
        "ch02-googlenet",
    )


def c28(cnn):
    """SqueezeNet followed in the same year, smaller still."""
    squeeze, google = _net(cnn, "squeezenet-1.0"), _net(cnn, "googlenet-caffe")
    smaller = google["params_m"] / squeeze["params_m"]
    same_year = squeeze["released_on"].year == 2015
    verdict = "reproduced" if smaller > 1 and same_year else "partly"
    points = squeeze["top1_pct"] - _net(cnn, "alexnet")["top1_pct"]
    return Verdict(
        "C28",
        verdict if smaller > 1 else "not supported",
        f"{smaller:.1f}× smaller than GoogLeNet, {squeeze['released_on']:%B %Y}",
        f"The trend to small holds and the year is {squeeze['released_on'].year}; its accuracy "
        f"matches AlexNet's of 2012 ({points:+.1f} points).",
        "computed",
        "ch02-googlenet",
    )


def c29(cnn, periods=PERIODS):
    """After the fall, development turned to a balance of size and quality.

    A balance would draw sizes together after the first period, and keep them so. The spread
    says whether they did: no band of "balanced" sizes has to be chosen.
    """
    networks = sizes.distinct_networks(cnn)
    spread = sizes.spread_by_period(networks, list(periods))["spread_doublings"]
    first, second, *rest = spread
    gathered, stayed = second < first, max(second, *rest) < first
    later = networks.loc[networks["released_on"] >= "2015-01-01", "params_m"]
    below = int((later < _net(cnn, "googlenet-caffe")["params_m"]).sum())
    above = int((later > _net(cnn, "vgg-19")["params_m"]).sum())
    return Verdict(
        "C29",
        "reproduced" if stayed else "partly" if gathered else "not supported",
        f"spread of sizes {', '.join(f'{s:.1f}' for s in spread)} doublings in "
        f"{', '.join(spread.index)}",
        f"Sizes gathered in {spread.index[1]} and scattered again. Since 2015, {below} of "
        f"{len(later)} networks are smaller than GoogLeNet, {above} larger than VGG-19, and "
        f"{len(later) - below - above} lie between.",
        "computed",
        "ch02-range",
    )


def c30(cnn):
    """ResNet (2015) and ResNeXt (2016) held a moderate size and kept compute in check."""
    vgg, res, next_ = (_net(cnn, m) for m in ("vgg-16", "resnet-50", "resnext-50-32x4d"))
    checks = [
        res["params_m"] < vgg["params_m"] / 2,
        res["gmacs"] < vgg["gmacs"] / 2,
        res["top1_pct"] > vgg["top1_pct"],
        next_["gmacs"] < res["gmacs"] * 1.1 and next_["top1_pct"] > res["top1_pct"],
        res["released_on"].year == 2015 and next_["released_on"].year == 2016,
    ]
    entered = [_net(cnn, m)["params_m"] for m in ("resnet-152", "resnext-101-64x4d")]
    moderate = max(entered) < _net(cnn, "alexnet-caffe")["params_m"] * 0.9
    good = "reproduced" if moderate else "holds with a caveat"
    return Verdict(
        "C30",
        good if all(checks) else "partly" if any(checks) else "not supported",
        f"ResNet-50: {res['params_m']:.1f} M and {res['gmacs']:.1f} GMACs, VGG-16: "
        f"{vgg['params_m']:.0f} M and {vgg['gmacs']:.1f}",
        f"True of the 50-layer networks; those entered in the contests have {entered[0]:.0f} and "
        f"{entered[1]:.0f} M, as many as AlexNet and more.",
        "computed",
        "ch02-work",
    )


def c31(cnn, transfer):
    """MobileNet (2017) was small, performed well, and its embeddings generalise well."""
    mobile, vgg = _net(cnn, "mobilenet-v1-1.0-224"), _net(cnn, "vgg-16-slim")
    ratio = vgg["params_m"] / mobile["params_m"]
    points = vgg["top1_pct"] - mobile["top1_pct"]
    small = ratio > 10 and points < NEAR_VGG_POINTS and mobile["released_on"].year == 2017
    r = transfer.set_index("result")["value"]
    follows = r["kornblith-2019-fixed"] > 0.9 and r["kornblith-2018-fixed"] < 0.5
    return Verdict(
        "C31",
        "not supported" if not small else "holds with a caveat" if follows else "partly",
        f"{ratio:.0f}× fewer parameters than VGG-16, {points:.1f} points less; transfer follows "
        f"ImageNet accuracy with r = {r['kornblith-2019-fixed']:.2f}",
        "Small and good for its size; its embeddings transfer as its ImageNet accuracy predicts, "
        "so not better than those of more accurate networks. That part is inferred from studies, "
        "none of which we read prints MobileNet's own figure.",
        "computed",
        "ch02-transfer",
    )


def c32():
    """The post shows a figure of Ghimire, Kil and Kim (2022)."""
    return Verdict(
        "C32",
        "cannot be tested",
        "",
        "The survey exists and its first figure fits the description, but the picture in the "
        "post was not available; that figure has no time axis, so it shows no trend.",
        "argued",
        "ch02-ball-chart",
    )


def size_ratios(cnn, shapes):
    """Ratios behind the claim of 100 times, one pair of networks a row.

    cnn : the table ``cnn_models``; shapes : the table ``cnn_layers``

    Returns ``pair``, and the ratio by parameters at inference, by parameters with the
    auxiliary heads of GoogLeNet, by published weight files, and by multiply-accumulates.
    """
    kinds = layers.params_by_kind(shapes)
    costs = layers.network_costs(shapes)
    stored = (kinds["total"] + kinds["auxiliary"]) / 1e6
    published = cnn.set_index("model")["weights_file_mb"].rename({
        "vgg-16-caffe": "vgg-16", "vgg-16": "vgg-16-torchvision",
        "vgg-19-caffe": "vgg-19", "vgg-19": "vgg-19-torchvision",
    })  # fmt: skip
    pairs = [
        ("alexnet-caffe", "googlenet-caffe", "AlexNet → GoogLeNet"),
        ("vgg-16", "googlenet-caffe", "VGG-16 → GoogLeNet"),
        ("vgg-19", "googlenet-caffe", "VGG-19 → GoogLeNet"),
        ("vgg-16", "mobilenet-v1-1.0-224", "VGG-16 → MobileNet"),
        ("alexnet-caffe", "squeezenet-1.0", "AlexNet → SqueezeNet"),
        ("vgg-16", "squeezenet-1.0", "VGG-16 → SqueezeNet"),
        ("vgg-19", "squeezenet-1.0", "VGG-19 → SqueezeNet"),
    ]
    return pd.DataFrame(
        [
            {
                "pair": name,
                "by_params": kinds.loc[big, "total"] / kinds.loc[small, "total"],
                "by_stored_params": stored[big] / stored[small],
                "by_file": published[big] / published[small],
                "by_macs": costs.loc[big, "gmacs"] / costs.loc[small, "gmacs"],
            }
            for big, small, name in pairs
        ]
    )


def training_memory(cnn, shapes, batch_images):
    """Memory of five networks in training, as a table of strings.

    cnn : the table ``cnn_models``; shapes : the table ``cnn_layers``
    batch_images : images in memory at once
    """
    kinds, costs = layers.params_by_kind(shapes), layers.network_costs(shapes)
    trained_m = (kinds["total"] + kinds["auxiliary"]) / 1e6
    published_mb = cnn.set_index("model")["feature_memory_mb"]
    names = {
        "alexnet-caffe": "AlexNet",
        "vgg-16": "VGG-16",
        "vgg-19": "VGG-19",
        "googlenet-caffe": "GoogLeNet",
        "squeezenet-1.0": "SqueezeNet",
    }
    table = pd.DataFrame(
        {
            "network": pd.Series(names),
            "weights, MB": layers.fp32_mb(kinds["total"] / 1e6).map("{:.0f}".format),
            "training state, GB": layers.training_state_gb(trained_m).map("{:.2f}".format),
            "outputs, GB": (costs["activation_mb"] * batch_images / 1e3).map("{:.1f}".format),
            "published, GB": (published_mb * batch_images / 1e3).map("{:.1f}".format),
        }
    )
    return table.loc[list(names)]


def relative_costs(cnn):
    """Parameters, operations and memory of outputs of five networks, AlexNet = 1."""
    names = {
        "vgg-16": "VGG-16",
        "resnet-50": "ResNet-50",
        "densenet-121": "DenseNet-121",
        "googlenet-caffe": "GoogLeNet",
        "squeezenet-1.0": "SqueezeNet",
    }
    costs = cnn.set_index("model")[["params_m", "gmacs", "feature_memory_mb"]].astype(float)
    return (costs.loc[list(names)] / costs.loc["alexnet-caffe"]).rename(index=names)


def recipe_gains(cnn):
    """Top-1 accuracy of four networks with the first and the newer recipe of one library."""
    top1 = cnn.set_index("model")["top1_pct"]
    networks = {
        "ResNet-50": ("resnet-50", "resnet-50-new-recipe"),
        "ResNeXt-50": ("resnext-50-32x4d", "resnext-50-new-recipe"),
        "ResNet-101": ("resnet-101", "resnet-101-new-recipe"),
        "ResNet-152": ("resnet-152", "resnet-152-new-recipe"),
    }
    return pd.DataFrame(
        [
            {"label": label, "old": top1[old], "new": top1[new]}
            for label, (old, new) in networks.items()
        ]
    )


def _net(cnn, model):
    found = cnn[cnn["model"] == model]
    if len(found) != 1:
        raise ValueError(f"no row, or more than one, for the model {model!r}")
    return found.iloc[0]
